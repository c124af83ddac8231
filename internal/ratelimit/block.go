package ratelimit

import "net/netip"

// Block names the network that an address counts for. An IPv4 address stands for itself. Of IPv6 it is the /64, the least
// that a provider gives to one customer, who could otherwise come from another address each time. What is no address
// shares one block.
func Block(ip string) string {
	address, err := netip.ParseAddr(ip)
	if err != nil {
		return "no address"
	}
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return address.String()
	}
	return netip.PrefixFrom(address, 64).Masked().String()
}
