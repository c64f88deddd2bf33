//! A machine for the few instructions that the table compiler emits.

use super::*;

/// The verdict of `program` for a call of this architecture.
pub(crate) fn run(program: &[sock_filter], number: u32) -> u32 {
    let (mut at, mut accumulator) = (0, 0);
    loop {
        let now = &program[at];
        let jump = |taken: bool| usize::from(if taken { now.jt } else { now.jf });
        at += 1;
        match now.code {
            LOAD_WORD => accumulator = if now.k == NUMBER_OFFSET { number } else { ARCHITECTURE },
            JUMP_IF_EQUAL => at += jump(accumulator == now.k),
            JUMP_IF_AT_LEAST => at += jump(accumulator >= now.k),
            JUMP => at += now.k as usize,
            RETURN => return now.k,
            code => panic!("instruction {code}"),
        }
    }
}

#[test]
fn long_tables_reach_their_far_half() {
    let verdicts: BTreeMap<i64, u32> = (0..2000).map(|n| (n * 2, n as u32)).collect();
    let program = compile(&verdicts, 9999).unwrap();
    for n in 0..4000 {
        let expect = if n % 2 == 0 { n / 2 } else { 9999 };
        assert_eq!(run(&program, n), expect, "{n}");
    }
}
