"""Which IP addresses belong to the public network, whatever way they are written.

The table is that of the IANA special-purpose registries (RFC 6890 and its successors), with the
public address that Azure uses for its metadata. Python's own `is_global` is not asked: it differs
from version to version, and several versions take parts of 192.0.0.0/24 for public.
"""

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_NOT_PUBLIC_4 = [
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by providers (CGNAT)
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure: metadata and name service
        "169.254.0.0/16",  # link-local, metadata of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, metadata of Oracle's cloud
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = [
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, given up (RFC 7526): the address within may be any
        "3fff::/20",  # documentation
    )
]
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = {0x00005EFE, 0x02005EFE}


def read(text: str) -> Address | None:
    """Return the address that a plain text stands for, None if it is none or has a zone.

    An IPv4 address within an IPv6 one (`::ffff:1.2.3.4`) comes as the IPv4 address.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    if address.scope_id is not None:
        return None
    return address.ipv4_mapped or address


def is_here(host: str) -> bool:
    """Say whether a host is this machine itself: `localhost`, or an address of loopback. No other
    name is, since to look it up others are asked."""
    address = read(host)
    return host == "localhost" if address is None else address.is_loopback


def is_global(address: Address) -> bool:
    """Say whether a machine of the public network, and no other, can have this address.

    A NAT64 address is public if the IPv4 address within it is (a network without IPv4 gives only
    such ones); 6to4, Teredo and ISATAP addresses never are.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.ipv4_mapped is not None:
        return is_global(address.ipv4_mapped)
    if address in _NAT64:
        return is_global(IPv4Address(int(address) & 0xFFFFFFFF))
    if address not in _PUBLIC_6 or any(address in network for network in _NOT_PUBLIC_6):
        return False
    return int(address) >> 32 & 0xFFFFFFFF not in _ISATAP
