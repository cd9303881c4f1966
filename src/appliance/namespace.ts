/** XML namespace of what our descriptors say beyond the format of 2007; old readers pass over it. */
export const DESCRIPTOR_NAMESPACE = "http://virt-appliance/descriptor/1";
