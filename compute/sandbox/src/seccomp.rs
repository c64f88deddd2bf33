//! The seccomp filter: which system calls a program may make. The list itself is data, in `seccomp/list.rs`.
//!
//! Two filters are stacked; the kernel takes the strictest verdict:
//! 1. by number: what is in neither list does not exist (`ENOSYS`, so that libc falls back), which also covers calls
//!    that are younger than the lists, and the x32 numbers; what `REFUSED` names is not permitted (`EPERM`);
//! 2. by argument: what `refused_arguments` names is not permitted (`EPERM`).
//!
//! A call made through another architecture's entry ends the process.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

mod list;
mod table;

/// Verdicts, as the kernel encodes them.
const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
const REFUSE: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
const ABSENT: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;

/// The compiled filters, in the order in which they have to be installed.
pub(crate) struct Filters(Vec<BpfProgram>);

impl Filters {
    pub(crate) fn compile() -> Result<Filters, String> {
        let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|e| e.to_string())?;
        let allowed = list::ALLOWED.iter().chain(list::ALLOWED_HERE).map(|n| (*n, ALLOW));
        let refused = list::REFUSED.iter().map(|n| (*n, REFUSE));
        let by_number = table::compile(&allowed.chain(refused).collect(), ABSENT)?;
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
        for (number, conditions) in refused_arguments() {
            let conditions =
                conditions.into_iter().collect::<Result<Vec<_>, _>>().map_err(|e| e.to_string())?;
            let rule = SeccompRule::new(conditions).map_err(|e| e.to_string())?;
            rules.entry(number).or_default().push(rule);
        }
        let refuse = SeccompAction::Errno(libc::EPERM as u32);
        let by_argument =
            SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).map_err(|e| e.to_string())?;
        let by_argument = BpfProgram::try_from(by_argument).map_err(|e| e.to_string())?;
        Ok(Filters(vec![by_number, by_argument]))
    }

    /// Binds the calling thread, and all it starts, for ever. Sets no_new_privs.
    pub(crate) fn apply(&self) -> std::io::Result<()> {
        self.0.iter().try_for_each(|program| {
            seccompiler::apply_filter(program).map_err(|e| match e {
                seccompiler::Error::Prctl(e) | seccompiler::Error::Seccomp(e) => e,
                _ => std::io::Error::from_raw_os_error(libc::EINVAL),
            })
        })
    }
}

type Condition = Result<SeccompCondition, seccompiler::BackendError>;

/// Calls that are allowed, except with these arguments. The conditions of one row must all hold.
fn refused_arguments() -> Vec<(i64, Vec<Condition>)> {
    let is = |arg, value| SeccompCondition::new(arg, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value);
    let is_not = |arg, value| SeccompCondition::new(arg, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, value);
    let masked = |arg, mask, value| {
        SeccompCondition::new(arg, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask), value)
    };
    let mut rows = Vec::new();
    // clone: no new namespaces. A new user namespace would bring capabilities, and with them kernel code that
    // is otherwise out of reach.
    for flag in list::NAMESPACE_FLAGS {
        rows.push((libc::SYS_clone, vec![masked(0, *flag, *flag)]));
    }
    // socket: only local, IPv4, IPv6 and (for getaddrinfo and the list of interfaces) routing netlink.
    let [unix, inet, inet6, netlink] = list::SOCKET_FAMILIES;
    rows.push((
        libc::SYS_socket,
        vec![is_not(0, unix), is_not(0, inet), is_not(0, inet6), is_not(0, netlink)],
    ));
    rows.push((libc::SYS_socket, vec![is(0, netlink), is_not(2, libc::NETLINK_ROUTE as u64)]));
    for family in [inet, inet6] {
        rows.push((libc::SYS_socket, vec![is(0, family), masked(1, 0xf, libc::SOCK_RAW as u64)]));
        rows.push((libc::SYS_socket, vec![is(0, family), masked(1, 0xf, list::SOCK_PACKET)]));
    }
    rows.push((libc::SYS_socketpair, vec![is_not(0, unix)]));
    // ioctl: no typing into terminals.
    for request in list::TERMINAL_INJECTION {
        rows.push((libc::SYS_ioctl, vec![is(1, *request)]));
    }
    // personality: only asking (0xffffffff), Linux (0), and switching address randomisation off, as debuggers of JIT
    // compilers do.
    rows.push((libc::SYS_personality, vec![is_not(0, 0), is_not(0, 0xffff_ffff), is_not(0, 0x0004_0000)]));
    rows
}

#[cfg(test)]
mod tests;
