//! The lists are consistent and compile. What the filter does is tested on real processes in `tests/`.

use super::*;

#[test]
fn filters_compile_and_lists_do_not_overlap() {
    assert_eq!(Filters::compile().unwrap().0.len(), 2);
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
