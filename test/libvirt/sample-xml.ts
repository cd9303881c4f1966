/** A host with KVM as libvirt describes it, with what old and new releases say. */
export const kvmHost = `<capabilities>
  <host>
    <cpu><arch>x86_64</arch></cpu>
    <topology><cells num='2'>
      <cell id='0'><memory unit='KiB'>4194304</memory><cpus num='1'><cpu id='0'/></cpus></cell>
      <cell id='1'><memory unit='GiB'>4</memory></cell>
    </cells></topology>
  </host>
  <guest>
    <os_type>hvm</os_type>
    <arch name='i686'>
      <wordsize>32</wordsize>
      <machine maxCpus='255'>pc</machine>
      <domain type='qemu'/>
      <domain type='kvm'><machine maxCpus='288'>q35</machine></domain>
      <domain type='kvm'/>
    </arch>
    <features>
      <pae/><nonpae/>
      <acpi default='on' toggle='yes'/>
      <apic default='on' toggle='no'/>
      <hap default='off' toggle='yes'/>
      <sgx default='off'/>
    </features>
  </guest>
  <guest>
    <os_type>hvm</os_type>
    <arch name='x86_64'><wordsize>64</wordsize><machine>pc</machine><domain type='kvm'/></arch>
    <features><acpi default='on' toggle='yes'/></features>
  </guest>
  <guest><os_type>hvm</os_type></guest>
  <guest><arch name='ia64'/></guest>
</capabilities>`;

/** A virtual machine with something of everything. */
export const webDomain = `<domain type='kvm' id='4'>
  <name>web 01 (test)</name>
  <uuid>0d9f7a2e-54f7-4b6a-9f5e-5d6a4a5e0001</uuid>
  <title>Web   server</title>
  <description>Serves pages.
Twice as many on Sundays.</description>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
  </metadata>
  <memory unit='GiB'>2</memory>
  <currentMemory unit='MiB'>1024</currentMemory>
  <vcpu placement='static'>4</vcpu>
  <os firmware='efi'>
    <type arch='x86_64' machine='pc-q35-8.2'>hvm</type>
    <nvram>/var/lib/libvirt/qemu/nvram/web_VARS.fd</nvram>
    <boot dev='hd'/>
    <boot dev='network'/>
  </os>
  <features><acpi/><apic/><pae state='off'/><vmport state='off'/></features>
  <cpu mode='host-passthrough'/>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/srv/vm/Web Root.qcow2'/>
      <target dev='vda' bus='virtio'/>
      <alias name='virtio-disk0'/>
      <address type='pci' domain='0x0000'/>
    </disk>
    <disk type='block' device='disk'>
      <driver name='qemu' type='raw'/>
      <source dev='/dev/vg/web root'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <disk type='network' device='disk'>
      <driver name='qemu' type='raw'/>
      <source protocol='rbd' name='pool/web-root'/>
      <target dev='vdc' bus='virtio'/>
    </disk>
    <disk type='volume' device='disk'>
      <source pool='default' volume='logs.qcow2'/>
      <target dev='vdd' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <source file='/iso/install.iso'/><target dev='sda' bus='sata'/><readonly/>
    </disk>
    <disk type='file' device='cdrom'><target dev='sdb' bus='sata'/></disk>
    <disk type='file' device='floppy'>
      <source file='/iso/drivers.img'/><target dev='fda' bus='fdc'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/><source network='default'/><model type='virtio'/>
      <alias name='net0'/><address type='pci' domain='0x0000'/>
    </interface>
    <interface type='bridge'>
      <mac address='52:54:00:00:00:02'/><source bridge='br0'/>
    </interface>
    <graphics type='vnc' port='5901' listen='10.0.0.5'/>
    <serial type='pty'/>
    <hostdev mode='subsystem' type='pci'><source><address domain='0x0000'/></source></hostdev>
    <tpm model='tpm-crb'/>
  </devices>
</domain>`;

/** A paravirtual machine of the Xen days. */
export const xenDomain = `<domain type='xen'>
  <name>pv</name>
  <bootloader>/usr/bin/pypxeboot</bootloader>
  <memory>262144</memory>
  <devices>
    <disk type='file' device='disk'>
      <driver name='file'/><source file='/srv/some.img'/><target dev='xvda' bus='xen'/>
    </disk>
  </devices>
</domain>`;
