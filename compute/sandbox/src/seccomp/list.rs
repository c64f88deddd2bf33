//! System calls by number: what a program in the sandbox may call. Data only; `seccomp.rs` makes filters of it.
//!
//! A call that is in none of the lists answers ENOSYS.

use libc::*;

/// Calls that every architecture has.
#[rustfmt::skip] // rows read better than a column
pub(super) const ALLOWED: &[i64] = &[
    // Files and directories: what may be reached is decided by mounts, permissions and landlock.
    SYS_openat, SYS_openat2, SYS_close, SYS_close_range, SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64,
    SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_preadv2, SYS_pwritev2, SYS_lseek, SYS_newfstatat, SYS_fstat, SYS_statx,
    SYS_statfs, SYS_fstatfs, SYS_faccessat, SYS_faccessat2, SYS_readlinkat, SYS_getdents64, SYS_getcwd, SYS_chdir,
    SYS_fchdir, SYS_mkdirat, SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_truncate, SYS_ftruncate,
    SYS_fallocate, SYS_fadvise64, SYS_readahead, SYS_fsync, SYS_fdatasync, SYS_sync, SYS_syncfs, SYS_flock,
    SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_umask, SYS_utimensat, SYS_mknodat, SYS_copy_file_range,
    SYS_sendfile, SYS_splice, SYS_tee, SYS_vmsplice, SYS_getxattr, SYS_lgetxattr, SYS_fgetxattr, SYS_setxattr,
    SYS_lsetxattr, SYS_fsetxattr, SYS_listxattr, SYS_llistxattr, SYS_flistxattr, SYS_removexattr, SYS_lremovexattr,
    SYS_fremovexattr, SYS_inotify_init1, SYS_inotify_add_watch, SYS_inotify_rm_watch, SYS_fcntl, SYS_ioctl, SYS_dup,
    SYS_dup3, SYS_pipe2, SYS_memfd_create,
    // Memory.
    SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise, SYS_msync, SYS_mincore, SYS_brk, SYS_mlock,
    SYS_mlock2, SYS_munlock, SYS_mlockall, SYS_munlockall, SYS_membarrier, SYS_pkey_alloc, SYS_pkey_free,
    SYS_pkey_mprotect, SYS_remap_file_pages, SYS_get_mempolicy, SYS_set_mempolicy, SYS_mbind,
    // Waiting, events, time.
    SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_ppoll, SYS_pselect6, SYS_eventfd2,
    SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime, SYS_signalfd4, SYS_nanosleep, SYS_clock_nanosleep,
    SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_times, SYS_timer_create, SYS_timer_settime,
    SYS_timer_gettime, SYS_timer_getoverrun, SYS_timer_delete, SYS_getitimer, SYS_setitimer, SYS_futex,
    SYS_futex_waitv, SYS_io_setup, SYS_io_destroy, SYS_io_submit, SYS_io_cancel, SYS_io_getevents,
    // Processes, threads, signals. clone: see `NAMESPACE_FLAGS`.
    SYS_clone, SYS_execve, SYS_execveat, SYS_exit, SYS_exit_group, SYS_wait4, SYS_waitid, SYS_kill, SYS_tkill,
    SYS_tgkill, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigpending,
    SYS_rt_sigtimedwait, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_rt_sigsuspend, SYS_rt_sigreturn,
    SYS_sigaltstack, SYS_restart_syscall, SYS_set_tid_address, SYS_set_robust_list, SYS_get_robust_list, SYS_rseq,
    SYS_prctl, SYS_seccomp, SYS_landlock_create_ruleset, SYS_landlock_add_rule, SYS_landlock_restrict_self,
    SYS_personality,
    // Who and what am I; limits (they can only be lowered); scheduling.
    SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getresuid,
    SYS_getresgid, SYS_getgroups, SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid,
    SYS_setfsuid, SYS_setfsgid, SYS_setgroups, SYS_getpgid, SYS_setpgid, SYS_getsid, SYS_setsid, SYS_capget,
    SYS_capset, SYS_getrlimit_compat, SYS_prlimit64, SYS_getrusage, SYS_getpriority, SYS_setpriority, SYS_ioprio_get,
    SYS_ioprio_set, SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_setaffinity, SYS_sched_getparam,
    SYS_sched_setparam, SYS_sched_getscheduler, SYS_sched_setscheduler, SYS_sched_get_priority_max,
    SYS_sched_get_priority_min, SYS_sched_rr_get_interval, SYS_sched_getattr, SYS_sched_setattr, SYS_getcpu,
    SYS_sysinfo, SYS_uname, SYS_getrandom,
    // Sockets: see `SOCKET_FAMILIES`.
    SYS_socket, SYS_socketpair, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_connect, SYS_getsockname,
    SYS_getpeername, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_sendmmsg, SYS_recvmmsg,
    SYS_setsockopt, SYS_getsockopt, SYS_shutdown,
    // System V and POSIX IPC: in an IPC namespace of its own.
    SYS_shmget, SYS_shmat, SYS_shmdt, SYS_shmctl, SYS_semget, SYS_semop, SYS_semtimedop, SYS_semctl, SYS_msgget,
    SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_mq_open, SYS_mq_unlink, SYS_mq_timedsend, SYS_mq_timedreceive,
    SYS_mq_notify, SYS_mq_getsetattr,
];

/// The older forms that only x86-64 has.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
pub(super) const ALLOWED_HERE: &[i64] = &[
    SYS_open, SYS_creat, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_getdents, SYS_mkdir, SYS_rmdir,
    SYS_unlink, SYS_rename, SYS_renameat, SYS_link, SYS_symlink, SYS_chmod, SYS_chown, SYS_lchown, SYS_mknod,
    SYS_utime, SYS_utimes, SYS_futimesat, SYS_inotify_init, SYS_dup2, SYS_pipe, SYS_epoll_create, SYS_epoll_wait,
    SYS_poll, SYS_select, SYS_eventfd, SYS_signalfd, SYS_time, SYS_alarm, SYS_pause, SYS_fork, SYS_vfork,
    SYS_getpgrp, SYS_arch_prctl, SYS_setrlimit, SYS_sync_file_range, SYS_fchmodat2, SYS_mseal,
];
#[cfg(not(target_arch = "x86_64"))]
pub(super) const ALLOWED_HERE: &[i64] = &[SYS_mseal];

#[cfg(target_arch = "x86_64")]
#[allow(non_upper_case_globals)]
const SYS_getrlimit_compat: i64 = SYS_getrlimit;
/// Newer architectures have `prlimit64` only.
#[cfg(not(target_arch = "x86_64"))]
#[allow(non_upper_case_globals)]
const SYS_getrlimit_compat: i64 = SYS_prlimit64;

/// Calls that exist but are not permitted. Programs that probe for them understand EPERM.
#[rustfmt::skip]
pub(super) const REFUSED: &[i64] = &[
    // The file system tree, and files by handle instead of by path.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_move_mount, SYS_open_tree, SYS_fsopen, SYS_fsconfig,
    SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_quotactl,
    SYS_quotactl_fd, SYS_swapon, SYS_swapoff, SYS_fanotify_init, SYS_fanotify_mark,
    // Namespaces.
    SYS_unshare, SYS_setns,
    // Other processes' memory and descriptors.
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_process_mrelease,
    SYS_pidfd_getfd, SYS_kcmp, SYS_move_pages, SYS_migrate_pages,
    // Kernel code of large attack surface, or that observes the whole machine.
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_lookup_dcookie, SYS_syslog,
    // Keyrings are not namespaced as processes are.
    SYS_keyctl, SYS_add_key, SYS_request_key,
    // The machine itself.
    SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_reboot, SYS_acct,
    SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex, SYS_sethostname, SYS_setdomainname,
    SYS_vhangup, SYS_nfsservctl, SYS_set_mempolicy_home_node,
];
// Left out on purpose, so that they answer ENOSYS and callers fall back: clone3 (its flags lie in memory, where a
// filter cannot look; libc then uses clone), io_uring (its operations pass by every filter), modify_ldt, iopl, ioperm,
// uselib, sysfs, ustat, _sysctl and the calls that were never implemented.

/// Flags of `clone` that would make a new namespace.
pub(super) const NAMESPACE_FLAGS: &[u64] = &[
    CLONE_NEWUSER as u64,
    CLONE_NEWNS as u64,
    CLONE_NEWPID as u64,
    CLONE_NEWNET as u64,
    CLONE_NEWIPC as u64,
    CLONE_NEWUTS as u64,
    CLONE_NEWCGROUP as u64,
];

/// Address families that may be opened: AF_VSOCK would reach the hypervisor, AF_PACKET the wire, AF_ALG and the rarer
/// protocols kernel code that has a history.
pub(super) const SOCKET_FAMILIES: [u64; 4] =
    [AF_UNIX as u64, AF_INET as u64, AF_INET6 as u64, AF_NETLINK as u64];

/// TIOCSTI and TIOCLINUX put characters into a terminal's input.
pub(super) const TERMINAL_INJECTION: &[u64] = &[0x5412, 0x541C];

/// The obsolete way to raw packets, without AF_PACKET.
pub(super) const SOCK_PACKET: u64 = 10;
