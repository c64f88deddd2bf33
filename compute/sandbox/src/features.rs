//! The protections a machine may or may not offer, as a set of bits that travels to the spawner and back.

/// One protection that needs the kernel's consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Feature {
    User = 1,
    Mount = 2,
    Pid = 4,
    Ipc = 8,
    Uts = 16,
    Cgroup = 32,
    Network = 64,
    Seccomp = 128,
    Landlock = 256,
    /// Own user id on the host, other than the server's (needs root).
    HostUser = 512,
    /// Read-only bind mounts reach what is mounted below them.
    DeepReadOnly = 1024,
    /// A `/proc` of the new pid namespace.
    Proc = 4096,
    /// Several directories merged at one place.
    Overlay = 2048,
}

impl Feature {
    pub(crate) const ALL: [Feature; 13] = [
        Feature::User,
        Feature::Mount,
        Feature::Pid,
        Feature::Ipc,
        Feature::Uts,
        Feature::Cgroup,
        Feature::Network,
        Feature::Seccomp,
        Feature::Landlock,
        Feature::HostUser,
        Feature::DeepReadOnly,
        Feature::Overlay,
        Feature::Proc,
    ];
}

/// A set of [`Feature`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Features(pub u32);

impl Features {
    pub(crate) fn has(self, feature: Feature) -> bool {
        self.0 & feature as u32 != 0
    }

    pub(crate) fn with(self, feature: Feature) -> Features {
        Features(self.0 | feature as u32)
    }

    pub(crate) fn without(self, feature: Feature) -> Features {
        Features(self.0 & !(feature as u32))
    }
}
