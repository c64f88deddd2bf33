//! Without a mount namespace a program sees the machine's own paths: says where the paths inside really are.
//!
//! Translated are the program, the working directory, arguments, and values of environment variables, as far as they
//! (or one of their colon-separated parts) lie at or below the target of a mount. Of several sources merged at one
//! target the last that has the path counts.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::plan::{Plan, PlanMount};

pub(crate) fn translate(plan: &mut Plan) {
    let mounts = std::mem::take(&mut plan.mounts);
    plan.program = real(&plan.program, &mounts).unwrap_or_else(|| plan.program.clone());
    plan.cwd = real(&plan.cwd, &mounts).unwrap_or_else(|| plan.cwd.clone());
    for arg in &mut plan.args {
        *arg = list(arg, &mounts);
    }
    for entry in &mut plan.env {
        let bytes = entry.as_bytes();
        let Some(equals) = bytes.iter().position(|b| *b == b'=') else { continue };
        let mut new = bytes[..=equals].to_vec();
        new.extend_from_slice(list(OsStr::from_bytes(&bytes[equals + 1..]), &mounts).as_bytes());
        *entry = OsString::from_vec(new);
    }
}

fn list(value: &OsStr, mounts: &[PlanMount]) -> OsString {
    let parts = value.as_bytes().split(|b| *b == b':').map(|part| {
        let path = Path::new(OsStr::from_bytes(part));
        real(path, mounts).map_or_else(|| part.to_vec(), |p| p.into_os_string().into_vec())
    });
    OsString::from_vec(parts.collect::<Vec<_>>().join(&b':'))
}

fn real(path: &Path, mounts: &[PlanMount]) -> Option<PathBuf> {
    mounts.iter().rev().find_map(|mount| {
        let below = path.strip_prefix(&mount.target).ok()?;
        let at =
            |source: &PathBuf| if below.as_os_str().is_empty() { source.clone() } else { source.join(below) };
        let candidates: Vec<PathBuf> = mount.sources.iter().rev().map(at).collect();
        candidates.iter().find(|p| p.exists()).or(candidates.first()).cloned()
    })
}

#[cfg(test)]
mod tests;
