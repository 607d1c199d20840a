//! How a page of the public internet is kept from this machine and its neighbours: by Chromium's own Local Network Access checks,
//! which decide on the address a connection was made to. No name, redirect or change of address gets around them.

use std::net::{IpAddr, SocketAddr};

use chromiumoxide::cdp::browser_protocol::browser::{PermissionDescriptor, PermissionSetting, SetPermissionParams};
use pixelwitness_recording::Network;

use crate::connection::Connection;

/// All parts of the checks. Without them workers, whole pages and WebRTC are let through.
const CHECKS: [&str; 8] = [
    "LocalNetworkAccessChecks",
    "LocalNetworkAccessChecksWebSockets",
    "LocalNetworkAccessChecksWebRTC",
    "LocalNetworkAccessChecksWebTransport",
    "LocalNetworkAccessForWorkers",
    "LocalNetworkAccessForNavigations",
    "LocalNetworkAccessForSubframeNavigations",
    "LocalNetworkAccessForFencedFrameNavigations",
];

/// The browser's arguments. What is named here counts as public: pages there are held to the checks, and other public pages reach it.
pub(crate) fn arguments(treat_as_public: &[SocketAddr], allow: &[Network]) -> Vec<String> {
    let mut arguments = vec![format!("--enable-features={}", CHECKS.join(","))];
    let endpoints = treat_as_public.iter().map(ToString::to_string);
    let networks = allow.iter().map(|network| match network.address() {
        IpAddr::V4(address) => format!("{address}/{}", network.prefix()),
        IpAddr::V6(address) => format!("[{address}]/{}", network.prefix()),
    });
    let public: Vec<String> = endpoints.chain(networks).map(|place| format!("{place}=public")).collect();
    if !public.is_empty() {
        arguments.push(format!("--ip-address-space-overrides={}", public.join(",")));
    }
    arguments
}

/// Nobody is there to be asked whether a page may reach this machine or its neighbours, so the answer is no.
pub(crate) async fn deny(connection: &Connection) {
    for name in ["local-network-access", "local-network", "loopback-network"] {
        let permission = PermissionDescriptor::new(name);
        // An older browser does not know all of these names.
        let _ = connection.call(None, SetPermissionParams::new(permission, PermissionSetting::Denied)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_is_written_as_chromium_reads_it() {
        let networks = ["10.20.0.0/16", "fd00:77::/32", "127.0.0.1"].map(|network| network.parse().unwrap());
        let arguments = arguments(&["127.0.0.1:8080".parse().unwrap()], &networks);
        assert_eq!(
            arguments[1],
            "--ip-address-space-overrides=127.0.0.1:8080=public,10.20.0.0/16=public,[fd00:77::]/32=public,127.0.0.1/32=public"
        );
        assert_eq!(super::arguments(&[], &[]).len(), 1);
    }
}
