//! `renkou check` on the sample data: scorecard, history of findings, work lists.

use crate::common::Project;

#[test]
fn findings_are_kept_and_a_run_on_the_same_data_writes_nothing() {
    let project = Project::sample();
    let first = project.ok(["check", "--format", "csv"]);
    assert!(first.stdout.starts_with("owner,owner_name,township_code"));
    let count = project.sql("SELECT count(*) FROM findings WHERE closed_at IS NULL");
    assert_ne!(count, "count(*)\n0\n");
    let runs = project.sql("SELECT count(DISTINCT run_at) AS runs FROM check_runs");
    assert_eq!(runs, "runs\n1\n");
    let again = project.ok(["check", "--format", "csv"]);
    assert_eq!(again.stdout, first.stdout);
    assert_eq!(
        project.sql("SELECT count(DISTINCT run_at) AS runs FROM check_runs"),
        runs
    );
    let strict = project.run(["check", "--strict", "--format", "csv"]);
    assert_eq!(strict.code, 1, "{}", strict.stderr);
}

#[test]
fn a_withdrawn_delivery_closes_what_was_found_in_it() {
    let project = Project::sample();
    project.ok(["check", "--format", "csv"]);
    let delivery = project.sql(
        "SELECT delivery_id FROM findings WHERE \"check\" = 'marriage_age_too_young' ORDER BY 1 LIMIT 1",
    );
    let delivery = delivery.lines().nth(1).unwrap().to_owned();
    let open = |project: &Project| {
        project.sql(&format!(
            "SELECT count(*) AS n FROM findings WHERE delivery_id = '{delivery}' AND closed_at IS NULL"
        ))
    };
    assert_ne!(open(&project), "n\n0\n");
    project.ok(["withdraw", &delivery]);
    project.ok(["check", "--format", "csv"]);
    assert_eq!(open(&project), "n\n0\n");
    let others =
        project.sql("SELECT count(*) > 0 AS some FROM findings WHERE first_seen < last_seen");
    assert_eq!(others, "some\ntrue\n");
}

#[test]
fn a_page_of_one_department_in_one_town_is_found_by_name_too() {
    let project = Project::sample();
    let page = |town: &str| {
        let args = [
            "--lang",
            "zh",
            "check",
            "--department",
            "police",
            "--region",
            town,
        ];
        project
            .ok([&args[..], &["--format", "table"]].concat())
            .stdout
    };
    let first = page("察素齐镇");
    assert!(first.starts_with("质量记分卡：公安局，察素齐镇"), "{first}");
    for word in ["覆盖性", "及时性", "95% 区间", "待整改事项", "依据："] {
        assert!(first.contains(word), "{word}: {first}");
    }
    assert_eq!(first.matches("公安局").count(), 1, "{first}");
    let by_code = page("150121100");
    assert_eq!(by_code.lines().next(), first.lines().next());
    let wrong = project.run(["check", "--region", "150199999"]);
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
}

#[test]
fn a_work_list_is_masked_unless_a_reason_is_given_and_audited() {
    let project = Project::sample();
    project.ok(["check", "--format", "csv"]);
    let list = ["check", "worklist", "--owner", "police", "--format", "csv"];
    let masked = project.ok(list).stdout;
    assert!(masked.lines().next().unwrap().contains("legal_basis"));
    assert!(!masked.contains("mother_name"), "{masked}");
    let without = project.run([&list[..], &["--unseal"]].concat());
    assert_eq!(without.code, 2);
    let opened = project
        .ok([&list[..], &["--unseal", "--reason", "入户核实"]].concat())
        .stdout;
    assert!(opened.lines().next().unwrap().contains("mother_name"));
    assert_eq!(opened.lines().count(), masked.lines().count());
    let audit = project.ok(["audit"]).stdout;
    assert!(audit.contains("worklist") && audit.contains("入户核实"));
    let wrong = project.run(["check", "worklist", "--owner", "polic"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("police"), "{}", wrong.stderr);
}

#[test]
fn a_check_of_the_county_s_own_needs_a_file_and_no_more() {
    let project = Project::sample();
    let file = project.folder().join("catalog/checks/no_facility.yaml");
    let text = "\
title: No hospital
title_zh: 缺助产机构
heading: completeness
owner: health
severity: warning
legal_basis: WS 445
message: Fill it in
message_zh: 请补填
due_days: 15
table: birth_certificates
sql: |
  SELECT certificate_key AS subject_key, delivery_id, source_sheet, source_row, township_code
  FROM birth_certificates WHERE facility IS NOT NULL
";
    std::fs::write(&file, text).unwrap();
    project.ok(["check", "--format", "csv"]);
    let found =
        project.sql("SELECT count(*) > 0 AS some FROM findings WHERE \"check\" = 'no_facility'");
    assert_eq!(found, "some\ntrue\n");
    std::fs::write(&file, text.replace("facility IS", "facilty IS")).unwrap();
    let wrong = project.run(["check", "--format", "csv"]);
    assert_ne!(wrong.code, 0);
    assert!(
        wrong.stderr.contains("checks/no_facility.yaml") && wrong.stderr.contains("facility"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_waterfall_leads_from_one_register_s_records_to_the_other_s() {
    let project = Project::sample();
    project.ok(["check", "--format", "csv"]);
    let rows = project
        .ok([
            "run",
            "reconciliation",
            "--param",
            "year=2018",
            "--format",
            "csv",
        ])
        .stdout;
    let counted = [
        ("birth_certificates", "SELECT count(*) AS n FROM birth_certificates WHERE birth_year = 2018"),
        ("household_register", "SELECT count(*) AS n FROM household_register WHERE birth_year = 2018"),
        ("household_visits", "SELECT count(*) AS n FROM household_visits WHERE birth_year = 2018"),
        (
            "maternity_insurance",
            "SELECT count(*) AS n FROM maternity_insurance WHERE delivery_year = 2018 AND coalesce(benefit_type, 'birth') NOT IN ('miscarriage', 'family_planning')",
        ),
    ]
    .map(|(register, sql)| (register, project.sql(sql).replace("n\n", "").trim().to_owned()));
    let mut pairs = std::collections::BTreeMap::new();
    for line in rows.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        // Fields that differ are a list in quotes, further left than the numbers.
        let number = |from_end: usize| cells[cells.len() - from_end].parse::<i64>().unwrap();
        let (records, change) = (number(3), number(2));
        let (left, right, outcome) = (cells[1], cells[2], cells[6]);
        let pair: &mut (i64, i64, i64, i64) = pairs.entry((left, right)).or_default();
        match outcome {
            "left_total" => pair.0 = records,
            "only_left" | "only_right" => pair.1 += change,
            "right_total" => pair.2 = records,
            _ => pair.3 += records,
        }
        if let Some((_, count)) = counted.iter().find(|(register, _)| {
            *register
                == match outcome {
                    "left_total" => left,
                    "right_total" => right,
                    _ => "",
                }
        }) {
            assert_eq!(&records.to_string(), count, "{line}");
        }
    }
    assert_eq!(pairs.len(), 10);
    for (pair, (left, differences, right, matched)) in pairs {
        assert_eq!(left + differences, right, "{pair:?}");
        assert!(matched > 0 && matched <= left.min(right), "{pair:?}");
    }
}

#[test]
fn a_test_of_groups_asks_and_does_not_accuse() {
    let project = Project::sample();
    let clean = project.ok(["check", "--format", "csv"]);
    assert!(clean.stdout.contains(",truthfulness,"));
    let text = "\
title: Too many boys
title_zh: 男婴过多
heading: truthfulness
owner: health
severity: warning
legal_basis: 统计法
message: Are girls registered elsewhere?
message_zh: 女婴是否在外地登记？
due_days: 15
table: birth_certificates
test: sex_ratio
sql: |
  SELECT '150121100000' AS township_code, 'sex' AS series, 90 AS boys, 20 AS girls
  UNION ALL SELECT '150121101000', 'sex', 60, 55
";
    let file = project.folder().join("catalog/checks/boys.yaml");
    std::fs::write(&file, text).unwrap();
    let told = project
        .ok(["--lang", "zh", "check", "--format", "table"])
        .stdout;
    assert!(
        told.contains("请予说明") && told.contains("女婴是否在外地登记？"),
        "{told}"
    );
    assert!(
        told.contains("不是认定有误") && told.contains("男：90"),
        "{told}"
    );
    assert_eq!(
        project.sql("SELECT count(*) AS n, min(township_code) AS town FROM findings WHERE \"check\" = 'boys'"),
        "n,town\n1,150121100000\n"
    );
    std::fs::write(&file, text.replace("AS boys", "AS boy")).unwrap();
    let wrong = project.run(["check", "--format", "csv"]);
    assert_eq!(wrong.code, 2, "{}", wrong.stderr);
    assert!(wrong.stderr.contains("checks/boys.yaml") && wrong.stderr.contains("`boys`"));
}
