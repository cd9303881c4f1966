# Serves a page with a greeting.
class web (
  String $greeting,
  Pattern[/\A\//] $root,
) {
  file { $root:
    ensure => directory,
    mode   => '0755',
  }
  file { "${root}/index.html":
    content => epp('web/index.html.epp', { 'greeting' => $greeting }),
    mode    => '0644',
  }
}
