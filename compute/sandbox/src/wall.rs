//! Landlock, the second wall: should a mount ever be writable by mistake, these rules still stand.
//!
//! Reading and executing is allowed everywhere in the new root; writing below `/tmp` and `/dev/shm` and to the devices
//! only. From ABI 6 on (Linux 6.12) it also keeps abstract Unix sockets and signals inside, which matters when the
//! machine's network is shared: abstract sockets belong to the network, not to the file system.

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, Scope,
};

const NEWEST: ABI = ABI::V6;

/// The Landlock ABI of this kernel; 0: none.
pub(crate) fn abi() -> i64 {
    const VERSION: u32 = 1;
    // SAFETY: with the version flag the kernel wants a null pointer and size 0, and only returns a number.
    let ret = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<libc::c_void>(), 0, VERSION)
    };
    ret.max(0)
}

/// Binds this process and all it starts, for ever. Uses what the kernel knows of the rules below.
pub(crate) fn raise() -> Result<(), RulesetError> {
    let all = AccessFs::from_all(NEWEST);
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    let places = [("/", AccessFs::from_read(NEWEST)), ("/tmp", all), ("/dev/shm", all)];
    for (path, access) in places {
        if let Ok(fd) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(fd, access))?;
        }
    }
    let device = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev | AccessFs::Truncate;
    for path in ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"] {
        if let Ok(fd) = PathFd::new(path) {
            rules = rules.add_rule(PathBeneath::new(fd, device))?;
        }
    }
    rules.restrict_self().map(drop)
}
