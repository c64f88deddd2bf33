//! The lists are consistent and compile. What the filter does is tested on real processes in `tests/`.

use super::*;

#[test]
fn filters_compile_and_lists_do_not_overlap() {
    let filters = Filters::compile().unwrap().0;
    // The kernel walks each program once for every system call when it is installed: short ones install faster.
    assert!(
        filters.iter().all(|program| program.len() < 300),
        "{:?}",
        filters.iter().map(Vec::len).collect::<Vec<_>>()
    );
    for number in list::REFUSED {
        assert!(!list::ALLOWED.contains(number), "{number} is allowed and refused");
        assert!(!list::ALLOWED_HERE.contains(number), "{number} is allowed and refused");
    }
    for absent in
        [libc::SYS_clone3, libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register]
    {
        assert!(
            !list::ALLOWED.contains(&absent) && !list::REFUSED.contains(&absent),
            "{absent} must answer ENOSYS"
        );
    }
}

#[test]
fn the_table_gives_every_number_its_verdict() {
    let verdicts: BTreeMap<i64, u32> =
        [(0, ALLOW), (1, ALLOW), (2, REFUSE), (5, ALLOW), (6, REFUSE), (7, REFUSE), (400, ALLOW)].into();
    let program = table::compile(&verdicts, ABSENT).unwrap();
    for number in (0..500).chain([0x4000_0001, u32::MAX.into()]) {
        let expect = verdicts.get(&number).copied().unwrap_or(ABSENT);
        assert_eq!(table::tests::run(&program, number as u32), expect, "{number}");
    }
}
