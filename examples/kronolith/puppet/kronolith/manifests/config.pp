# Horde's configuration. root owns it, so that the web server cannot change it.
class kronolith::config {
  file {
    default:
      owner => 'root',
      group => 'www-data',
      mode  => '0640';
    '/etc/horde/horde/conf.php':
      content => epp('kronolith/conf.php.epp', {
        'mail_hub'      => $kronolith::mail_hub,
        'mail_port'     => $kronolith::mail_port,
        'administrator' => $kronolith::administrator,
        'hostname'      => $kronolith::hostname,
      });
    '/etc/horde/horde/prefs.local.php':
      content => epp('kronolith/prefs.local.php.epp', { 'time_zone' => $kronolith::time_zone });
    '/etc/horde/kronolith/conf.php':
      content => epp('kronolith/calendar.php.epp', { 'hostname' => $kronolith::hostname });
    '/etc/cron.d/kronolith':
      group  => 'root',
      mode   => '0644',
      source => 'puppet:///modules/kronolith/cron';
  }
}
