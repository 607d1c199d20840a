use std::collections::BTreeMap;

use pixelwitness_recording::{Gap, GapKind, Request, RequestId};

use crate::devtools::host_and_scheme;

/// Requests of pages that failed on this network before a byte was written, by host.
///
/// Whether a host is a third party is a reading of the recording: here every host has its place.
#[derive(Debug, Default)]
pub(super) struct FailedHosts {
    hosts: BTreeMap<String, Failed>,
}

#[derive(Debug)]
struct Failed {
    requests: usize,
    first: RequestId,
    step: Option<usize>,
    /// How, in words; each once.
    errors: Vec<String>,
}

impl FailedHosts {
    /// Adds a request that failed, with the reason as the recording has it.
    pub(super) fn add(&mut self, request: &Request, why: &str) {
        let Some((host, _)) = host_and_scheme(&request.url) else { return };
        let error = why.strip_prefix("failed before anything was written: ").unwrap_or(why);
        let new = Failed { requests: 0, first: request.id, step: request.step, errors: Vec::new() };
        let failed = self.hosts.entry(host.to_owned()).or_insert(new);
        failed.requests += 1;
        if !failed.errors.iter().any(|known| known == error) {
            failed.errors.push(error.to_owned());
        }
    }

    /// One gap for each host, in the order of their first requests.
    pub(super) fn gaps(&self) -> Vec<Gap> {
        let mut hosts: Vec<(&String, &Failed)> = self.hosts.iter().collect();
        hosts.sort_by_key(|(_, failed)| failed.first);
        hosts.into_iter().map(|(host, failed)| failed.gap(host)).collect()
    }
}

impl Failed {
    fn gap(&self, host: &str) -> Gap {
        let requests = if self.requests == 1 { "request" } else { "requests" };
        let why = format!(
            "{} {requests} to {host} failed on this network ({}): this run cannot show that nothing is sent",
            self.requests,
            self.errors.join("; ")
        );
        Gap { kind: GapKind::NetworkFailed, why, request: Some(self.first), step: self.step }
    }
}
