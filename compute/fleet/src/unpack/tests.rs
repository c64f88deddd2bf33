//! Good packages, and bad ones that must leave nothing behind.

use super::*;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

fn zip_of(entries: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mode, content) in entries {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .unix_permissions(mode & 0o7777);
        match mode & TYPE_MASK {
            TYPE_LINK => writer.add_symlink(*name, std::str::from_utf8(content).unwrap(), options).unwrap(),
            TYPE_FOLDER => writer.add_directory(*name, options).unwrap(),
            _ => {
                writer.start_file(*name, options).unwrap();
                writer.write_all(content).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

/// Instead of 250 MB, so that a bomb is quickly made.
const LIMIT: u64 = 4 * 1024 * 1024;
const FILE: u32 = 0o100_600;

/// Both ways of reading a zip refuse it with this text, and nothing is left in the folder or beside it.
fn check_refused(zip: &[u8], text: &str) {
    assert_eq!(inspect_within(zip, LIMIT), Err(CodeRefused(text.to_owned())));
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("code");
    fs::create_dir(&home).unwrap();
    assert!(unpack_within(zip, &home.join("x"), 1, LIMIT).is_err());
    assert_eq!(fs::read_dir(&home).unwrap().count(), 0, "nothing is left");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was written beside");
}

const UNREADABLE: &str = "Could not unzip uploaded file. Please check your file, then try to upload again.";

#[test]
fn a_package_is_unpacked() {
    let zip = zip_of(&[
        ("index.js", FILE, b"code"),
        ("bin/", TYPE_FOLDER | 0o700, b""),
        ("bin/tool", 0o100_755, b"#!"),
        ("deep/er/file", FILE, b""),
        ("deep/er/link", TYPE_LINK | 0o777, b"../../index.js"),
        ("./dot", FILE, b"d"),
    ]);
    assert_eq!(inspect(&zip), Ok(CodeFacts { unzipped_bytes: 7, entries: 6 }));
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("x");
    unpack(&zip, &target, 1).unwrap();
    assert_eq!(fs::read(target.join("index.js")).unwrap(), b"code");
    assert_eq!(fs::read(target.join("deep/er/link")).unwrap(), b"code");
    assert_eq!(fs::read(target.join("dot")).unwrap(), b"d");
    let mode = |path: &str| fs::metadata(target.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode("index.js"), mode("bin/tool"), mode("bin"), mode("deep/er")),
        (0o644, 0o755, 0o755, 0o755)
    );
    // A second one finds it there.
    unpack(&zip, &target, 2).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_leads_out_is_refused() {
    let refuse = |entries: &[(&str, u32, &[u8])]| check_refused(&zip_of(entries), UNREADABLE);
    refuse(&[("ok", FILE, b"1"), ("../evil", FILE, b"1")]);
    refuse(&[("a/../../evil", FILE, b"1")]);
    refuse(&[("/etc/evil", FILE, b"1")]);
    refuse(&[("a\\..\\evil", FILE, b"1")]);
    refuse(&[("link", TYPE_LINK | 0o777, b"/etc")]);
    refuse(&[("link", TYPE_LINK | 0o777, b"../evil")]);
    refuse(&[("a/link", TYPE_LINK | 0o777, b"../../evil")]);
    refuse(&[("a/link", TYPE_LINK | 0o777, b"b/../../..")]);
    refuse(&[("link", TYPE_LINK | 0o777, b"a"), ("link/evil", FILE, b"1")]);
    refuse(&[("file", FILE, b"1"), ("file/below", FILE, b"1")]);
    refuse(&[("a/b", FILE, b"1"), ("a", FILE, b"1")]);
}

#[test]
fn what_is_no_zip_is_refused() {
    check_refused(b"not a zip", UNREADABLE);
    assert_eq!(inspect(b""), Err(CodeRefused("Uploaded file must be a non-empty zip".to_owned())));
    check_refused(&zip_of(&[]), "Uploaded file must be a non-empty zip");
    let mut cut = zip_of(&[("a", FILE, &[7; 1000])]);
    cut.truncate(cut.len() - 30);
    check_refused(&cut, UNREADABLE);
    let mut broken =
        zip_of(&[("a", FILE, b"some text that is long enough to be deflated, deflated, deflated")]);
    broken[40] ^= 0xff;
    check_refused(&broken, UNREADABLE);
}

#[test]
fn bombs_are_refused() {
    let megabyte = vec![0; 1024 * 1024];
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .start_file("bomb", SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))
        .unwrap();
    for _ in 0..5 {
        writer.write_all(&megabyte).unwrap();
    }
    let honest = writer.finish().unwrap().into_inner();
    assert!(honest.len() < 64 * 1024, "{}", honest.len());
    let text = "Unzipped size must be smaller than 262144000 bytes";
    check_refused(&honest, text);
    // The same with a size of 5 bytes written into its headers: the local one at 22, the central one at 24.
    let mut lying = honest;
    lying[22..26].copy_from_slice(&5_u32.to_le_bytes());
    let central = lying.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    lying[central + 24..central + 28].copy_from_slice(&5_u32.to_le_bytes());
    check_refused(&lying, text);
}
