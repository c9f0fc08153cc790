//! Exports, read back by other readers than the ones that wrote them, and held against their
//! manifest.

use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;
use calamine::{Data, Reader};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::common::{Project, csv, files_below};

/// The manifest, after its sums were checked against the files.
fn manifest(path: &Path, folder: &Path) -> Value {
    let manifest: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut rows = 0;
    for file in manifest["files"].as_array().unwrap() {
        let bytes = std::fs::read(folder.join(file["path"].as_str().unwrap())).unwrap();
        let sum: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(file["sha256"], sum.as_str());
        assert_eq!(file["bytes"], bytes.len());
        rows += file["rows"].as_u64().unwrap();
    }
    assert_eq!(manifest["rows"], rows);
    for key in ["name", "sql", "snapshot", "columns", "created_at"] {
        assert!(!manifest[key].is_null(), "no {key}: {manifest}");
    }
    manifest
}

/// Exports `name` as one file and checks its manifest.
fn one_file(
    project: &Project,
    name: &str,
    file: &str,
    args: &[&str],
) -> (std::path::PathBuf, Value) {
    let path = project.path(file);
    let mut command = project.command(["export", name, "--to", path.to_str().unwrap()]);
    let output = crate::common::finish(command.args(args));
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(output.stdout, "", "stdout is for data");
    let manifest = manifest(
        &project.path(&format!("{file}.manifest.json")),
        path.parent().unwrap(),
    );
    assert_eq!(manifest["name"], name);
    (path, manifest)
}

#[test]
fn a_table_becomes_a_folder_of_partitions() {
    let project = Project::sample();
    let folder = project.path("birth_certificates");
    project.ok([
        "export",
        "birth_certificates",
        "--to",
        folder.to_str().unwrap(),
    ]);
    let manifest = manifest(&project.path("birth_certificates.manifest.json"), &folder);
    assert_eq!(
        manifest["rows"],
        project.number("SELECT count(*) FROM birth_certificates")
    );
    assert_eq!(manifest["snapshot"], project.snapshot());
    let years =
        csv(&project
            .sql("SELECT birth_year, count(*) FROM birth_certificates GROUP BY 1 ORDER BY 1"));
    for year in &years[1..] {
        let mut rows = 0;
        for path in files_below(&folder.join(format!("birth_year={}", year[0]))) {
            let reader =
                ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap())
                    .unwrap()
                    .build()
                    .unwrap();
            for batch in reader {
                let batch = batch.unwrap();
                rows += batch.num_rows();
                let kinds = batch.schema();
                let names: Vec<_> = kinds
                    .fields()
                    .iter()
                    .map(|field| field.name().as_str())
                    .collect();
                assert!(
                    names.contains(&"mother_key") && names.contains(&"township_code"),
                    "{names:?}"
                );
            }
        }
        assert_eq!(rows.to_string(), year[1], "{}", year[0]);
    }

    // Never mixed with what is there.
    let again = project.run([
        "export",
        "birth_certificates",
        "--to",
        folder.to_str().unwrap(),
    ]);
    assert_eq!(again.code, 2, "{}", again.stderr);
}

#[test]
fn text_for_excel_has_its_encoding_and_the_same_rows() {
    let project = Project::sample();
    let (path, _) = one_file(
        &project,
        "births",
        "plain.csv",
        &["--param", "by=township", "--param", "year=2018"],
    );
    let plain = std::fs::read_to_string(&path).unwrap();
    assert!(
        csv(&plain).len() > 5 && plain.contains("察素齐镇"),
        "{plain}"
    );
    assert_eq!(
        plain,
        project
            .ok([
                "run",
                "births",
                "--param",
                "by=township",
                "--param",
                "year=2018",
                "--format",
                "csv"
            ])
            .stdout
    );

    let args = [
        "--param",
        "by=township",
        "--param",
        "year=2018",
        "--encoding",
    ];
    let (path, _) = one_file(
        &project,
        "births",
        "bom.csv",
        &[&args[..], &["utf8-bom"]].concat(),
    );
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"\xef\xbb\xbf"));
    assert_eq!(csv(std::str::from_utf8(&bytes).unwrap()), csv(&plain));

    let (path, _) = one_file(
        &project,
        "births",
        "gb.csv",
        &[&args[..], &["gb18030"]].concat(),
    );
    let (text, _, broken) = encoding_rs::GB18030
        .decode(&std::fs::read(&path).unwrap())
        .into_owned_parts();
    assert!(!broken);
    assert_eq!(csv(&text), csv(&plain));
}

/// A decoded text that no longer borrows from its bytes.
trait Owned {
    fn into_owned_parts(self) -> (String, &'static encoding_rs::Encoding, bool);
}

impl Owned
    for (
        std::borrow::Cow<'_, str>,
        &'static encoding_rs::Encoding,
        bool,
    )
{
    fn into_owned_parts(self) -> (String, &'static encoding_rs::Encoding, bool) {
        (self.0.into_owned(), self.1, self.2)
    }
}

#[test]
fn a_workbook_opens_elsewhere_with_numbers_as_numbers() {
    let project = Project::sample();
    let args = ["--param", "by=township", "--param", "year=2018"];
    let (path, manifest) = one_file(&project, "births", "births.xlsx", &args);
    let expected = csv(&project
        .ok(["run", "births", "--format", "csv"].iter().chain(&args))
        .stdout);
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
    let range = workbook.worksheet_range_at(0).unwrap().unwrap();
    let rows: Vec<Vec<Data>> = range.rows().map(<[Data]>::to_vec).collect();
    // A title and the unit may stand above, notes below.
    let header = rows
        .iter()
        .position(|row| row[0] == Data::String("group_code".to_owned()))
        .unwrap();
    let births = expected[0]
        .iter()
        .position(|name| name == "births")
        .unwrap();
    for (index, line) in expected[1..].iter().enumerate() {
        let row = &rows[header + 1 + index];
        assert_eq!(row[0].to_string(), line[0], "codes are text");
        assert!(matches!(row[0], Data::String(_)), "{row:?}");
        assert!(
            matches!(row[births], Data::Float(_) | Data::Int(_)),
            "{row:?}"
        );
        assert_eq!(row[births].to_string(), line[births]);
    }
    assert_eq!(manifest["rows"], expected.len() - 1);
}

#[test]
fn arrow_and_json_hold_the_same_rows() {
    let project = Project::sample();
    let sql = "SELECT count(*) FROM marriages";
    let count = project.number(sql);
    let (path, _) = one_file(&project, "main.marriages", "marriages.arrow", &[]);
    let reader =
        arrow::ipc::reader::FileReader::try_new(std::fs::File::open(path).unwrap(), None).unwrap();
    let rows: usize = reader.map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows as i64, count);

    let (path, _) = one_file(
        &project,
        "births",
        "births.arrow",
        &["--param", "year=2018"],
    );
    let mut reader =
        arrow::ipc::reader::FileReader::try_new(std::fs::File::open(path).unwrap(), None).unwrap();
    let batch = reader.next().unwrap().unwrap();
    let births = batch
        .column_by_name("births")
        .unwrap()
        .as_primitive::<Int64Type>();
    assert!(births.is_valid(0) && births.value(0) > 100, "{births:?}");

    let (path, _) = one_file(&project, "births", "births.json", &["--param", "year=2018"]);
    let rows: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(rows[0]["births"], births.value(0));

    let (path, _) = one_file(&project, "main.marriages", "marriages.jsonl", &[]);
    let text = std::fs::read_to_string(path).unwrap();
    assert_eq!(text.lines().count() as i64, count);
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert!(
        first["registration_date"].as_str().unwrap().len() == 10,
        "{first}"
    );
}

#[test]
fn an_export_can_be_of_an_older_snapshot() {
    let project = Project::sample();
    let first = crate::common::entry(
        &crate::common::shared().report,
        "2018年1月出生医学证明签发花名册.xls",
    )["snapshot"]
        .as_i64()
        .unwrap();
    let path = project.path("old.csv");
    project.ok([
        "--as-of",
        &first.to_string(),
        "export",
        "birth_certificates",
        "--to",
        path.to_str().unwrap(),
    ]);
    let manifest = manifest(
        &project.path("old.csv.manifest.json"),
        path.parent().unwrap(),
    );
    assert_eq!(manifest["snapshot"], first);
    assert_eq!(
        manifest["rows"],
        project.number_at(first, "SELECT count(*) FROM birth_certificates")
    );
}

#[test]
fn a_pipe_and_a_file_get_the_same_bytes() {
    let project = Project::sample();
    for format in [
        "table", "csv", "tsv", "json", "jsonl", "markdown", "html", "vertical", "arrow", "parquet",
    ] {
        let path = project.path(&format!("out.{format}"));
        let args = [
            "sql",
            "-c",
            "SELECT * FROM regions WHERE is_urban IS NULL",
            "--format",
            format,
        ];
        let pipe = project.command(args).output().unwrap();
        assert!(
            pipe.status.success(),
            "{format}: {}",
            String::from_utf8_lossy(&pipe.stderr)
        );
        project.ok(args.iter().copied().chain(["-o", path.to_str().unwrap()]));
        assert_eq!(pipe.stdout, std::fs::read(path).unwrap(), "{format}");
    }
}

#[test]
fn a_failing_export_leaves_nothing_behind() {
    let project = Project::sample();
    let path = project.path("nothing.csv");
    let output = project.run(["export", "no_such_table", "--to", path.to_str().unwrap()]);
    assert_eq!(output.code, 2, "{}", output.stderr);
    let left: Vec<_> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("nothing"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
