//! Which addresses a mini-program may reach: those of the public internet. Whatever else there is belongs to the
//! device, to the network it is in, or to somebody's machinery.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Which addresses may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressRule {
    /// All.
    Any,
    /// Those that are reachable from everywhere.
    Public,
}

/// Nothing that may be reached stands behind a name.
#[derive(Debug)]
pub(crate) struct Forbidden;

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("address is not public")
    }
}

impl std::error::Error for Forbidden {}

impl AddressRule {
    /// Checks one address.
    ///
    /// # Errors
    /// When it may not be reached.
    pub(crate) fn check(self, address: IpAddr) -> Result<(), Forbidden> {
        match (self, address) {
            (Self::Any, _) => Ok(()),
            (Self::Public, IpAddr::V4(address)) if is_public_v4(address) => Ok(()),
            (Self::Public, IpAddr::V6(address)) if is_public_v6(address) => Ok(()),
            (Self::Public, _) => Err(Forbidden),
        }
    }

    /// The addresses of a name that may be reached. On the thread for I/O.
    ///
    /// # Errors
    /// [`Forbidden`] inside when there are others alone; what the system says when there is none at all.
    pub(crate) async fn lookup(self, name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((name, port)).await?.collect();
        let some = !found.is_empty();
        let kept: Vec<SocketAddr> = found.into_iter().filter(|found| self.check(found.ip()).is_ok()).collect();
        if some && kept.is_empty() { Err(io::Error::other(Forbidden)) } else { Ok(kept) }
    }
}

/// By the registry of special-purpose addresses (RFC 6890 and later).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network, private, loopback, link-local (with the metadata of clouds), private, private.
        [0 | 10 | 127, ..] | [169, 254, ..] | [172, 16..=31, ..] | [192, 168, ..] => true,
        // Shared by the customers of a carrier.
        [100, 64..=127, ..] => true,
        // Protocol assignments, relays of 6to4, tests of devices.
        [192, 0, 0, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => true,
        // Documentation.
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // The metadata of one cloud, among public addresses.
        [168, 63, 129, 16] => true,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // What networks without IPv4 make of an IPv4 address (NAT64): as public as that address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocols (Teredo among them), documentation, 6to4: an IPv4 address may hide in the first and the last.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // All others that are given out begin like this; loopback, mapped, local and multicast ones do not.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_b21_only_public_addresses_are_public() {
        for (address, public) in [
            ("93.184.216.34", true),
            ("1.1.1.1", true),
            ("100.63.255.255", true),
            ("172.32.0.1", true),
            ("0.0.0.0", false),
            ("10.1.2.3", false),
            ("100.64.0.1", false),
            ("100.100.100.200", false),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("168.63.129.16", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("192.0.0.192", false),
            ("192.168.1.1", false),
            ("198.18.0.1", false),
            ("203.0.113.7", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:4700:4700::1111", true),
            ("64:ff9b::5db8:d822", true),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b:1::5db8:d822", false),
            ("::", false),
            ("::1", false),
            ("::ffff:93.184.216.34", false),
            ("::ffff:127.0.0.1", false),
            ("::93.184.216.34", false),
            ("2002:7f00:1::", false),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", false),
            ("2001:db8::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(AddressRule::Public.check(address).is_ok(), public, "{address}");
            AddressRule::Any.check(address).unwrap();
        }
    }
}
