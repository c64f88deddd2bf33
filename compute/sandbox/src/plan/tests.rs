//! A plan survives the journey; cut short, it is refused.

use super::*;

#[test]
fn plan_round_trip_and_truncation() {
    let plan = Plan {
        features: Features(0b1011),
        host_uid: 200_001,
        host_gid: 200_001,
        program: "/usr/bin/python3".into(),
        args: vec!["-c".into(), OsString::from_vec(vec![0xff, b'x'])],
        env: vec!["A=1".into(), "B=".into()],
        cwd: "/var/task".into(),
        mounts: vec![PlanMount { target: "/opt".into(), sources: vec!["/a,b:c".into(), "/d".into()] }],
        tmp_bytes: 512 << 20,
        shm_bytes: 1,
        open_files_max: 1024,
        file_size_max: 7,
        processes_max: 8,
        watch_memory_bytes: 9,
        isolated_network: true,
        hostname: "169.254.1.1".into(),
        cgroup_files: 4,
        fd_targets: vec![0, 1, 2, 9],
        trial: true,
    };
    let bytes = plan.encode();
    assert_eq!(Plan::decode(&bytes).unwrap(), plan);
    for cut in 0..bytes.len() {
        assert!(Plan::decode(&bytes[..cut]).is_err(), "accepted {cut} of {} bytes", bytes.len());
    }
}
