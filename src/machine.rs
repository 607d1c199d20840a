//! What a command that starts a browser takes from this machine.

use std::path::PathBuf;

use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;

/// What runs the driver: one thread reads the browser while another does the steps.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| Failure::new("cannot start", &error, "this machine is short of memory or threads"))
}

/// The program that acts as the browser's keeper: ourselves.
pub(crate) fn keeper() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|error| Failure::new("cannot find my own executable", &error, "start pixelwitness by its full path"))
}
