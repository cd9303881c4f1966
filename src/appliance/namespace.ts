/** XML namespace of the extensions to the format of 2007; old readers ignore it. */
export const DESCRIPTOR_NAMESPACE = "http://virt-appliance/descriptor/1";
