# Keeps a page with a greeting, and shows it on the console.
class page (
  String $mirror,
  String $greeting,
  Enum['small', 'large'] $edition,
  Pattern[/\A\//] $root,
  Optional[String] $editor_key = undef,
) {
  file { $root:
    ensure => directory,
    mode   => '0755',
  }
  file { "${root}/index.html":
    content => epp('page/index.html.epp', { 'greeting' => $greeting, 'edition' => $edition }),
    mode    => '0644',
  }
  -> exec { ["cat ${root}/index.html", "df --output=source,target ${root}"]:
    path      => '/usr/bin:/bin',
    logoutput => true,
  }
}
