# Apache, which serves Horde at /horde/.
class kronolith::web {
  file {
    default:
      owner => 'root',
      group => 'root',
      mode  => '0644';
    '/etc/apache2/conf-available/kronolith.conf':
      content => epp('kronolith/apache.conf.epp', { 'hostname' => $kronolith::hostname });
    '/etc/apache2/conf-enabled/kronolith.conf':
      ensure => link,
      target => '../conf-available/kronolith.conf';
    '/etc/apache2/conf-enabled/php-horde.conf':
      ensure => link,
      target => '../conf-available/php-horde.conf';
  }
  ~> service { 'apache2':
    ensure    => running,
    enable    => true,
    subscribe => Class['kronolith::config'],
  }
}
