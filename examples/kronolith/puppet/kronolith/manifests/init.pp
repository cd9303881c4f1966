# The Horde web calendar, Kronolith, on PostgreSQL.
#
# @param mail_hub        host that takes outgoing mail
# @param mail_port       its port
# @param administrator   name of the first account, which may administer Horde
# @param admin_password  its password when it is made; later changes of it are made in Horde
# @param hostname        name under which users reach the calendar
# @param time_zone       time zone of users who have chosen none
class kronolith (
  Pattern[/\A[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\z/] $mail_hub,
  Integer[1, 65535]                                      $mail_port,
  Pattern[/\A[a-z][a-z0-9._-]*\z/]                       $administrator,
  Sensitive[Pattern[/\A[!-~]{10,72}\z/]]                 $admin_password,
  Pattern[/\A[A-Za-z]+(\/[A-Za-z0-9_+-]+){0,2}\z/]       $time_zone,
  Pattern[/\A[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\z/] $hostname = $facts['networking']['fqdn'],
) {
  package { ['apache2', 'cron', 'libapache2-mod-php', 'php-horde-kronolith', 'php-horde-smtp', 'php-pgsql', 'postgresql']:
    ensure          => installed,
    install_options => ['--no-install-recommends'],
    before          => Class['kronolith::config'],
  }

  contain kronolith::config
  contain kronolith::database
  contain kronolith::web

  Class['kronolith::config'] -> Class['kronolith::database'] -> Class['kronolith::web']
}
