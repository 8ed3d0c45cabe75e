//! Places that others can write to: what they plant there, and what is kept of what stands there.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::program::{mailsrv, text};

/// A temporary folder; `%` in arguments stands for it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary directory can be made"));
        folder.write("victim", "kept");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("it is writable");
        fs::write(path, text).expect("it is writable");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn pipe(&self, name: &str) {
        let status = Command::new("mkfifo").arg(self.path(name)).status();
        assert!(status.is_ok_and(|status| status.success()));
    }

    /// Every path below it but the victim's, folders with a slash.
    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.0.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("it is readable").map(Result::unwrap) {
                let path = entry.path();
                let below = path.strip_prefix(self.0.path()).expect("it is below").display();
                if path.is_dir() && !path.is_symlink() {
                    names.push(format!("{below}/"));
                    folders.push(path);
                } else if path != self.path("victim") {
                    names.push(below.to_string());
                }
            }
        }
        names.sort();
        names
    }

    fn args(&self, args: &[&str]) -> Vec<String> {
        let folder = self.0.path().display().to_string();
        args.iter().map(|arg| arg.replace('%', &folder)).collect()
    }

    /// Runs the program: its exit code and what it said.
    fn run(&self, args: &[&str]) -> (Option<i32>, String) {
        let output = mailsrv(self.args(args));
        (output.status.code(), text(&output.stderr))
    }

    /// Runs the program, which has to refuse, write nothing and leave the victim as it is.
    #[track_caller]
    fn refuses(&self, args: &[&str], reason: &str) {
        let before = self.names();
        let (code, said) = self.run(args);
        assert_eq!(code, Some(2), "{args:?}: {said}");
        assert!(said.contains(reason), "{args:?}: {said}");
        assert_eq!(self.names(), before, "{args:?}");
        assert_eq!(self.read("victim"), "kept");
    }

    #[track_caller]
    fn runs(&self, args: &[&str]) {
        let (code, said) = self.run(args);
        assert_eq!(code, Some(0), "{args:?}: {said}");
        assert_eq!(self.read("victim"), "kept");
    }
}

const DOCUMENT: &str = include_str!("../ispdb/authentication.xml");

#[test]
fn a_planted_list_deletes_nothing_outside_the_root() {
    use sha2::Digest;
    let digest = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest("kept"));
    for path in ["%/victim", "../victim", "mail/../../victim", "./../victim", "/../%/victim"] {
        let folder = Folder::new();
        folder.runs(&["documents", "example.com", "-o", "%/www"]);
        let path = folder.args(&[path]).concat();
        let list = folder.read("www/.mailsrv.sha256") + &format!("{digest}  {path}\n");
        folder.write("www/.mailsrv.sha256", &list);
        folder.runs(&["documents", "example.com", "-o", "%/www", "--alternatives"]);
        assert!(folder.path("victim").exists());
    }
}

#[test]
fn what_stands_under_a_name_is_replaced_if_it_is_a_regular_file_and_nothing_else() {
    let args = ["generate", "a.example", "b.example", "--output-dir", "%/out"];
    let folder = Folder::new();
    fs::create_dir(folder.path("out")).unwrap();
    let place = folder.path("out/b.example.zone");
    symlink(folder.path("victim"), &place).unwrap();
    folder.refuses(&args, "b.example.zone is a symbolic link");
    fs::remove_file(&place).unwrap();
    folder.pipe("out/b.example.zone");
    folder.refuses(&args, "b.example.zone is no regular file");
    fs::remove_file(&place).unwrap();
    fs::create_dir(&place).unwrap();
    folder.refuses(&args, "b.example.zone is a folder");
    fs::remove_dir(&place).unwrap();
    fs::write(&place, "old").unwrap();
    folder.runs(&args);
    assert_eq!(folder.names(), ["out/", "out/a.example.zone", "out/b.example.zone"]);
    // Of a list, such a line is refused, and the others are written.
    fs::remove_file(&place).unwrap();
    symlink(folder.path("victim"), &place).unwrap();
    folder.write("list", "b.example\nc.example\n");
    let (code, said) = folder.run(&["generate", "--input", "%/list", "--output-dir", "%/out"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(folder.path("out/c.example.zone").exists() && place.is_symlink());
    assert_eq!(folder.read("victim"), "kept");
}

#[test]
fn of_several_roots_none_is_written_where_one_cannot_be() {
    let args = ["documents", "a.example", "b.example", "-o", "%/www"];
    let folder = Folder::new();
    folder.write("www/b.example/index.html", "of somebody else");
    folder.refuses(&args, "www/b.example/index.html was not written by mailsrv");
    fs::remove_dir_all(folder.path("www/b.example")).unwrap();
    fs::create_dir(folder.path("elsewhere")).unwrap();
    symlink(folder.path("elsewhere"), folder.path("www/b.example")).unwrap();
    folder.refuses(&args, "www/b.example is a symbolic link");
    fs::remove_file(folder.path("www/b.example")).unwrap();
    folder.runs(&args);
}

#[test]
fn a_race_for_the_name_of_a_file_does_not_lead_out_of_the_folder() {
    let folder = Folder::new();
    fs::create_dir(folder.path("out")).unwrap();
    fs::create_dir(folder.path("elsewhere")).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (file, root) = (folder.path("out/a.example.zone"), folder.path("out/a.example"));
            while !done.load(Ordering::SeqCst) {
                for (place, to) in [(&file, "victim"), (&root, "elsewhere")] {
                    // Whatever of this fails lost the race for once.
                    let _lost = symlink(folder.path(to), place);
                    let _lost = fs::remove_file(place);
                }
            }
        });
        for _ in 0..60 {
            folder.run(&["generate", "a.example", "--output-dir", "%/out"]);
            folder.run(&["documents", "a.example", "b.example", "-o", "%/out"]);
        }
        done.store(true, Ordering::SeqCst);
    });
    assert_eq!(folder.read("victim"), "kept");
    assert_eq!(fs::read_dir(folder.path("elsewhere")).unwrap().count(), 0);
    assert!(!folder.names().iter().any(|name| name.contains(".mailsrv-")), "{:?}", folder.names());
}

#[test]
fn import_reads_regular_files_alone_and_writes_over_nothing_else() {
    let folder = Folder::new();
    folder.write("in/good.xml", DOCUMENT);
    folder.write("other", DOCUMENT);
    symlink(folder.path("other"), folder.path("in/link.xml")).unwrap();
    folder.pipe("in/pipe.xml");
    let (code, said) = folder.run(&["import", "%/in", "-o", "%/out"]);
    assert_eq!(code, Some(3), "{said}");
    for name in ["link.xml", "pipe.xml"] {
        assert!(said.contains(&format!("in/{name}: it is no regular file\n")), "{said}");
    }
    assert!(folder.path("out/good.yaml").exists() && !folder.path("out/link.yaml").exists());
    fs::remove_file(folder.path("out/good.yaml")).unwrap();
    symlink(folder.path("victim"), folder.path("out/good.yaml")).unwrap();
    folder.refuses(&["import", "%/in", "-o", "%/out"], "good.yaml is a symbolic link");
}

#[test]
fn init_replaces_nothing_that_is_there_already() {
    let folder = Folder::new();
    symlink("nowhere", folder.path("link")).unwrap();
    folder.write("there", "mine");
    for name in ["%/link", "%/there", "%/victim"] {
        folder.refuses(&["init", "-o", name], "is there already");
    }
    folder.runs(&["init", "-o", "%/there", "--force"]);
    assert!(folder.read("there").contains("host:"));
}

#[test]
fn an_include_opens_regular_files_below_the_folder_of_the_zone_file() {
    let folder = Folder::new();
    folder.write("zones/sub/part", "$ORIGIN example.com.\nmail 60 A 192.0.2.1\n");
    symlink(folder.path("zones/sub/part"), folder.path("zones/link")).unwrap();
    symlink(folder.path("zones/sub"), folder.path("zones/folder")).unwrap();
    folder.pipe("zones/pipe");
    let audit = ["audit", "example.com", "--zone", "%/zones/zone", "--include"];
    let whole = folder.args(&["%/zones/sub/part"]).concat();
    let zone = |path: &str| folder.write("zones/zone", &format!("$INCLUDE {path}\n"));
    for path in ["link", "folder/part", "pipe", "/dev/zero", "../victim", &whole, "sub"] {
        zone(path);
        folder.refuses(&audit, &format!("$INCLUDE `{path}` cannot be opened"));
    }
    zone("sub/part");
    let (code, said) = folder.run(&audit);
    assert_eq!(code, Some(1), "{said}");
}

/// Owner, group and mode of a file or folder.
fn owner(path: &Path) -> (u32, u32, u32) {
    let known = fs::metadata(path).expect("it is there");
    (known.uid(), known.gid(), known.mode() & 0o7777)
}

#[test]
fn owner_group_and_mode_stay_those_of_what_is_replaced() {
    let folder = Folder::new();
    let (file, root) = (folder.path("file"), folder.path("www"));
    let into = ["documents", "example.com", "-o", "%/www"];
    folder.runs(&["generate", "example.com", "-o", "%/file"]);
    folder.runs(&into);
    let below = |name: &str| root.join(name);
    let [document, subfolder] = ["mail/config-v1.1.xml", "mail"].map(below);
    let list = below(".mailsrv.sha256");
    for (path, mode) in [(&file, 0o640), (&document, 0o604), (&subfolder, 0o751), (&root, 0o750)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        // Who is not root has nobody to give it to.
        let _not_root = std::os::unix::fs::chown(path, Some(1), Some(1));
    }
    let paths = [&file, &document, &subfolder, &root];
    let before = paths.map(|path| owner(path));
    folder.runs(&["generate", "example.com", "-o", "%/file"]);
    folder.runs(&[&into[..], &["--alternatives"]].concat());
    assert_eq!(paths.map(|path| owner(path)), before);
    // What is new gets the owner of the root.
    fs::remove_dir_all(&subfolder).unwrap();
    folder.runs(&into);
    let (user, group, _) = owner(&root);
    for path in [&document, &subfolder] {
        assert_eq!((owner(path).0, owner(path).1), (user, group), "{}", path.display());
    }
    assert!(list.exists());
}

#[test]
fn the_folder_that_a_shell_stands_in_stays_the_same() {
    let folder = Folder::new();
    let into = folder.args(&["documents", "example.com", "-o", "%/www"]);
    folder.runs(&["documents", "example.com", "-o", "%/www"]);
    let number = |name: &str| fs::metadata(folder.path(name)).unwrap().ino();
    let before = [number("www"), number("www/mail")];
    for (at, args) in [
        ("www", &["documents", "example.com", "-o", ".", "--alternatives"][..]),
        ("www/mail", &into.iter().map(String::as_str).collect::<Vec<_>>()),
        ("www/mail", &["documents", "example.com", "-o", "..", "--alternatives"]),
    ] {
        let mut run = Command::new(env!("CARGO_BIN_EXE_mailsrv"));
        let output = run.args(args).current_dir(folder.path(at)).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("wrote"), "{}", text(&output.stderr));
        assert_eq!([number("www"), number("www/mail")], before, "{at}: {args:?}");
    }
    // Elsewhere it is exchanged for another one.
    folder.runs(&["documents", "example.com", "-o", "%/www"]);
    assert_ne!(number("www"), before[0]);
    assert!(!folder.names().iter().any(|name| name.contains(".mailsrv-")), "{:?}", folder.names());
}

#[test]
#[ignore = "needs unshare"]
fn a_document_root_may_be_a_mount_point() {
    let folder = Folder::new();
    folder.runs(&["documents", "example.com", "-o", "%/volume"]);
    fs::create_dir(folder.path("www")).unwrap();
    let script = "mount --bind \"$1/volume\" \"$1/www\" && \
                  \"$0\" documents example.com -o \"$1/www\" --alternatives";
    let mut run = Command::new("unshare");
    run.args(["--mount", "--map-root-user", "sh", "-c", script]);
    let output = run.arg(env!("CARGO_BIN_EXE_mailsrv")).arg(folder.path("")).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(folder.read("volume/mail/config-v1.1.xml").contains("STARTTLS"));
}

#[test]
fn a_file_that_is_named_twice_is_refused() {
    let folder = Folder::new();
    folder.write("list", "example.com\n");
    folder.write("in/a.xml", DOCUMENT);
    folder.write("in/a.XML", DOCUMENT);
    symlink("new", folder.path("link")).unwrap();
    let record = ["audit", "example.com", "-o", "%/new", "--record", "%/in/../new"];
    folder.refuses(&record, "--record and --output name the same file");
    let record = ["audit", "example.com", "-o", "%/new", "--record", "%/link"];
    folder.refuses(&record, "--record and --output name the same file");
    let zone = ["audit", "example.com", "-o", "%/list", "--zone", "%/./list"];
    folder.refuses(&zone, "--output and --zone name the same file");
    let input = ["generate", "--input", "%/list", "-o", "%/in/../list"];
    folder.refuses(&input, "--output and --input name the same file");
    folder.refuses(&["import", "%/in/a.xml", "-o", "%/in/./a.xml"], "the same file");
    let case = "a.XML and a.xml would both become a.yaml";
    folder.refuses(&["import", "%/in", "-o", "%/out"], case);
    // Devices hold nothing that would be lost.
    folder.runs(&["generate", "--input", "%/list", "-o", "/dev/null"]);
    assert_eq!(folder.read("list"), "example.com\n");
}

#[test]
fn no_zone_file_of_a_folder_and_none_that_is_included_is_written_over() {
    let folder = Folder::new();
    let zone = "@ IN SOA ns hostmaster 1 7200 3600 1209600 300\n@ IN MX 10 mail.example.com.\n";
    let including = format!("$ORIGIN example.org.\n$TTL 60\n{zone}$INCLUDE hosts\n");
    folder.write("zones/example.com.zone", &format!("$ORIGIN example.com.\n$TTL 60\n{zone}"));
    folder.write("other", &including);
    folder.write("hosts", "mail 60 IN A 192.0.2.25\n");
    let own = "%/zones/example.com.zone";
    let same = "--output and --zone name the same file";
    folder.refuses(&["audit", "--zone", "%/zones", "-o", own], same);
    folder.refuses(&["audit", "--zone", "%/zones", "--fix", "zone", "-o", own], same);
    let same = "--record and --zone name the same file";
    folder.refuses(&["audit", "--zone", "%/zones", "--record", own], same);
    let same = "--output and $INCLUDE name the same file";
    folder.refuses(&["audit", "--zone", "%/other", "--include", "-o", "%/hosts"], same);
    assert_eq!(folder.read("hosts"), "mail 60 IN A 192.0.2.25\n");
    // What lies beside them is nobody's.
    let (code, said) = folder.run(&["audit", "--zone", "%/zones", "-o", "%/zones/report"]);
    assert!(code == Some(1) && !folder.read("zones/report").is_empty(), "{said}");
}

#[test]
fn a_list_on_standard_input_is_not_written_over() {
    let folder = Folder::new();
    folder.write("list", "example.com\n");
    let read = "--output and standard input name the same file";
    for args in ["generate - -o list", "generate --input - -o list", "audit --input - -o list"] {
        let mut run = Command::new(env!("CARGO_BIN_EXE_mailsrv"));
        let list = fs::File::open(folder.path("list")).expect("it is there");
        let run = run.args(args.split(' ')).current_dir(folder.path("")).stdin(list);
        let output = run.output().expect("the program was built for this test");
        let said = text(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(read), "{args}: {said}");
        assert_eq!(folder.read("list"), "example.com\n", "{args}");
    }
}

#[test]
fn a_file_stays_where_nothing_takes_its_place() {
    let folder = Folder::new();
    folder.write("list", "a b\n");
    folder.write("out", "kept\n");
    let (code, said) = folder.run(&["generate", "--input", "%/list", "-o", "%/out"]);
    assert!(code == Some(3) && said.contains("nothing was written"), "{said}");
    assert_eq!(folder.read("out"), "kept\n");
    assert_eq!(folder.names(), ["list", "out"]);
}

#[test]
fn runs_that_write_into_one_folder_take_nothing_from_each_other() {
    let folder = Folder::new();
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (folder, place) = (&folder, format!("%/zone{number}"));
            scope.spawn(move || {
                for _ in 0..15 {
                    folder.runs(&["generate", "example.com", "-q", "-o", &place]);
                }
            });
        }
    });
    assert_eq!(folder.names(), ["zone0", "zone1", "zone2", "zone3"]);
}

#[test]
fn a_file_that_may_not_grow_is_a_failed_write() {
    let folder = Folder::new();
    folder.write("list", &(0..5000).map(|at| format!("d{at}.example\n")).collect::<String>());
    let program = env!("CARGO_BIN_EXE_mailsrv");
    let run =
        folder.args(&["ulimit -f 8; exec \"$0\" generate -q --input %/list -o %/out", program]);
    let output = Command::new("sh").arg("-c").args(run).output().expect("sh is there");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot write"), "{said}");
    assert_eq!(folder.names(), ["list"]);
}

#[test]
fn a_file_where_another_would_be_kept_is_refused() {
    let folder = Folder::new();
    symlink("new", folder.path("link")).unwrap();
    for (option, other) in [
        ("--record", "-o"),
        ("--output", "--record"),
        ("--input", "-o"),
        ("--profile", "-o"),
        ("--zone", "--record"),
        ("--replay", "-o"),
        ("--certificate", "--record"),
    ] {
        // The certificate and the profile are read before names are compared.
        let file = match option {
            "--profile" => include_str!("../../zones/below-the-apex.yaml"),
            "--certificate" => include_str!("../certificate.pem"),
            _ => "example.com\n",
        };
        for (name, kept) in [("new.partial", "%/./new.partial"), ("new.journal", "%/new.journal")] {
            folder.write(name, file);
            for path in ["%/new", "%/link"] {
                let args = ["audit", "example.com", option, kept, other, path];
                folder.refuses(&args, "is kept if the run ends early");
            }
            assert_eq!(folder.read(name), file);
        }
    }
}

#[test]
fn a_folder_of_records_takes_nothing_from_what_the_run_reads() {
    let folder = Folder::new();
    let profile = include_str!("../../zones/below-the-apex.yaml");
    let list = "domain\na.example\nb.example\nc.example\n";
    folder.write("od/a.example.yaml", profile);
    folder.write("od/b.example.csv", list);
    let own = ["-p", "%/od/../od/a.example.yaml", "--output-dir", "%/od"];
    let args = [&["generate", "z.example", "a.example", "-f", "yaml"], &own[..]].concat();
    folder.refuses(&args, "a.example.yaml is the file of --profile");
    // Of a list, the other lines are written.
    let args = ["generate", "--input", "%/od/b.example.csv", "-f", "csv", "--output-dir", "%/od"];
    let (code, said) = folder.run(&args);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("line 3: b.example: ") && said.contains("is the file of --input"));
    assert_eq!(folder.read("od/a.example.yaml"), profile);
    assert_eq!(folder.read("od/b.example.csv"), list);
    assert!(folder.read("od/c.example.csv").contains("_imaps._tcp"));
    // What was written by an earlier run is replaced.
    folder.runs(&["generate", "c.example", "-f", "csv", "--output-dir", "%/od"]);
}

#[test]
fn a_recording_that_may_not_grow_ends_the_run_and_is_kept_up_to_its_last_whole_line() {
    let folder = Folder::new();
    folder.write("list", &(0..2000).map(|at| format!("d{at}.example.com\n")).collect::<String>());
    folder.write("record", "earlier");
    let run = "ulimit -f 8; exec \"$0\" audit --input %/list --zone tests/readme/example.com.zone \
               --record %/record";
    let run = folder.args(&[run, env!("CARGO_BIN_EXE_mailsrv")]);
    let output = Command::new("sh").arg("-c").args(run).output().expect("sh is there");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot write") && said.contains("domains: "), "{said}");
    let kept = folder.path("record.partial").display().to_string();
    assert!(said.contains(&format!("the answers so far are in {kept}\n")), "{said}");
    assert!(text(&output.stdout).contains("d0.example.com"), "what is done is printed");
    assert_eq!(folder.names(), ["list", "record", "record.partial"]);
    assert_eq!(folder.read("record"), "earlier");
    // As much as the disk took, but for the line in two parts.
    let (kept, limit) = (folder.read("record.partial"), 8 * 1024);
    assert!(kept.ends_with("}\n") && (1024..=limit).contains(&kept.len()), "{}", kept.len());
    let (code, said) = folder.run(&["audit", "d0.example.com", "--replay", "%/record.partial"]);
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn a_report_that_may_not_grow_is_kept_up_to_its_last_whole_line() {
    let folder = Folder::new();
    folder.write("list", &(0..500).map(|at| format!("d{at}.example.com\n")).collect::<String>());
    let run = "ulimit -f 8; exec \"$0\" audit -f json --input %/list \
               --zone tests/readme/example.com.zone -o %/report";
    let run = folder.args(&[run, env!("CARGO_BIN_EXE_mailsrv")]);
    let output = Command::new("sh").arg("-c").args(run).output().expect("sh is there");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("the report so far is in "), "{said}");
    assert_eq!(folder.names(), ["list", "report.journal", "report.partial"]);
    assert!(folder.read("report.partial").ends_with("}\n"));
}

#[test]
fn a_run_that_ends_in_the_middle_of_a_list_says_what_it_has_written() {
    let folder = Folder::new();
    let long: String = (0..2000).map(|at| format!("d{at}.example\n")).collect();
    folder.write("list", &long);
    folder.write("in/a.xml", DOCUMENT);
    folder.write("in/b.xml", DOCUMENT);
    let check = |limit: &str, args: &str, said: &str| {
        let run = format!("{limit}; exec \"$0\" {args}");
        let run = folder.args(&[&run, env!("CARGO_BIN_EXE_mailsrv")]);
        let output = Command::new("sh").arg("-c").args(run).output().expect("sh is there");
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args}: {told}");
        let said = folder.args(&[said]).concat();
        assert!(told.starts_with(&format!("{said}\nerror: ")), "{args}: {told}");
    };
    // No file may have an octet, so that the first one cannot be written.
    let none = "ulimit -f 0";
    check(none, "generate --input %/list --output-dir %/out", "nothing was written");
    check(none, "documents --input %/list -o %/www", "nothing was written");
    check(none, "import %/in -o %/in", "0 imported, 0 of them with losses; 0 refused");
    // What stands in the way of the fourth domain is no regular file, and an argument.
    fs::create_dir_all(folder.path("out/d.example.zone")).expect("it is writable");
    let args = "generate a.example b.example d.example --output-dir %/out";
    check(":", args, "nothing was written");
    // A line without an end ends a list.
    let args = "generate - --output-dir %/many";
    let list = "{ printf 'a.example\\nb.example\\nc.example\\n'; head -c 70000000 /dev/zero; } |";
    let run = folder.args(&[&format!("{list} \"$0\" {args}"), env!("CARGO_BIN_EXE_mailsrv")]);
    let output = Command::new("sh").arg("-c").args(run).output().expect("sh is there");
    let told = text(&output.stderr);
    let said =
        folder.args(&["the records of 3 domains are written below %/many\nerror: "]).concat();
    assert!(output.status.code() == Some(2) && told.starts_with(&said), "{told}");
}

#[test]
fn no_document_root_takes_what_the_run_reads_with_it() {
    let folder = Folder::new();
    let profile = include_str!("../../zones/below-the-apex.yaml");
    folder.runs(&["documents", "a.example", "b.example", "-o", "%/www"]);
    // It is the one file in a root that may have any octets.
    folder.write("www/a.example/.mailsrv.sha256", profile);
    let read = ["-p", "%/www/a.example/.mailsrv.sha256"];
    let reason = "the file of --profile lies in ";
    let one = ["documents", "a.example", "-o", "%/www/a.example"];
    folder.refuses(&[&one[..], &read].concat(), reason);
    let many = ["documents", "b.example", "a.example", "-o", "%/www"];
    folder.refuses(&[&many[..], &read].concat(), reason);
    assert_eq!(folder.read("www/a.example/.mailsrv.sha256"), profile);
    // Beside the roots it may lie.
    folder.write("www/profile.yaml", profile);
    folder.runs(&[
        "documents",
        "b.example",
        "c.example",
        "-o",
        "%/www",
        "-p",
        "%/www/profile.yaml",
    ]);
}

#[test]
fn an_import_takes_no_document_for_the_place_of_a_profile() {
    let folder = Folder::new();
    folder.write("in/a.xml", DOCUMENT);
    fs::hard_link(folder.path("in/a.xml"), folder.path("in/a.yaml"))
        .expect("it is one file system");
    folder.refuses(&["import", "%/in", "-o", "%/in/../in"], "a.yaml is the file of a document");
    assert_eq!(folder.read("in/a.yaml"), DOCUMENT);
}
