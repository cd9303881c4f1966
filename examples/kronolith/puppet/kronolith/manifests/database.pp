# PostgreSQL, and the database that this version of Horde needs.
class kronolith::database {
  file {
    default:
      owner => 'root',
      group => 'www-data';
    '/var/lib/kronolith':
      ensure => directory,
      mode   => '0750';
    '/var/lib/kronolith/first-password':
      group   => 'root',
      mode    => '0600',
      content => $kronolith::admin_password;
    '/usr/local/sbin/kronolith-first-run':
      group  => 'root',
      mode   => '0755',
      source => 'puppet:///modules/kronolith/first-run.sh';
  }

  -> exec { 'kronolith-cluster':
    command   => 'kronolith-first-run --cluster',
    onlyif    => 'test -z "$(pg_lsclusters --no-header)"',
    provider  => shell,
    path      => '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin',
    logoutput => on_failure,
    timeout   => 1800,
  }

  -> service { 'postgresql':
    ensure => running,
    enable => true,
  }

  # --check succeeds while the database fits the packages. After an upgrade of them, this updates the tables.
  -> exec { 'kronolith-first-run':
    command   => ['/usr/local/sbin/kronolith-first-run', $kronolith::administrator],
    unless    => [['/usr/local/sbin/kronolith-first-run', '--check']],
    logoutput => on_failure,
    timeout   => 1800,
  }
}
