/*
title: Coverage of births
title_zh: 出生登记覆盖率
description: Share of the real births of a year that each department's register holds, beside the 95 % target
description_zh: 各部门登记在册的出生占当年应登记出生的比例，并与95%的目标对照
owner: health
tags: [indicator, births, quality]
unit: births
unit_zh: 人
definition: >-
  Coverage = births held by the register / births due in it × 100. Births due = real births of the
  calendar year in any of the five linked registers (table births, made by `renkou link`), without
  those of non-resident mothers, children who moved in, births outside the period of the files and, for
  the household register, births whose time limit has not passed. A birth missing from all registers is not seen
  (see underreporting). Fertility registrations, insurance and visits hold only a part of births by
  their nature. Interval - Wilson, 95 %. Target - plan 土左政办发〔2018〕48号, 95 % by 2020.
definition_zh: >-
  覆盖率＝该登记中的出生 / 应登记的出生 × 100。应登记的出生＝五个已关联登记中任一登记所见的当年实际出生（表 births，由 `renkou link` 生成），不含母亲非本地常住、迁入的儿童和不在文件所属时期内的出生；户籍登记另扣除尚未到登记期限的出生。所有登记都没有的出生看不到（见 underreporting）。生育登记、生育保险和入户核查本来只涵盖部分出生。区间为 Wilson 95% 区间。目标见土左政办发〔2018〕48号，到2020年达到95%。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of birth, description_zh: 出生年份}
  by: {type: choice, default: none, choices: [none, township, month], description: one set of rows per what, description_zh: 按什么分组，每组一套行}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 行政区划代码或其开头几位；省略时为全县（旗）}
chart: {type: bar, x: source, y: [coverage_pct]}
publish: {threshold: 10, counts: [covered, missing, due], sums: ["due = covered + missing"], open: [target_pct], rates: [coverage_pct, coverage_low, coverage_high, target_met]}
tests:
  - {unique: [group_code, source]}
  - {not_null: [group_code, source, department]}
*/
WITH sources AS (
  SELECT column1 AS source, column2 AS department, column3 AS source_order
  FROM (VALUES
    ('birth_certificates', 'health', 1),
    ('household_register', 'police', 2),
    ('fertility_registrations', 'health', 3),
    ('maternity_insurance', 'social_security', 4),
    ('household_visits', 'townships', 5)
  ) AS listed
),
due AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN coalesce(township_code, 'unknown')
      WHEN $by = 'month' THEN concat($year, '-', lpad(CAST(extract(month FROM birth_date) AS VARCHAR), 2, '0'))
      ELSE 'total'
    END AS group_code,
    coalesce(gap_reason, '') AS gap_reason,
    in_birth_certificates, in_household_register, in_fertility_registrations, in_maternity_insurance, in_household_visits
  FROM births
  WHERE birth_year = $year
    AND coalesce(gap_reason, '') NOT IN ('non_resident_mother', 'outside_period', 'moved_in')
    AND ($region IS NULL OR starts_with(township_code, $region))
),
held AS (
  SELECT d.group_code, s.source, s.department, s.source_order,
    CASE s.source
      WHEN 'birth_certificates' THEN d.in_birth_certificates
      WHEN 'household_register' THEN d.in_household_register
      WHEN 'fertility_registrations' THEN d.in_fertility_registrations
      WHEN 'maternity_insurance' THEN d.in_maternity_insurance
      ELSE d.in_household_visits
    END AS is_held
  FROM due d
  CROSS JOIN sources s
  WHERE s.source <> 'household_register' OR d.in_household_register OR d.gap_reason <> 'not_yet_due'
),
counted AS (
  SELECT group_code, source, department, source_order, count(*) FILTER (WHERE is_held) AS covered, count(*) AS due
  FROM held
  GROUP BY group_code, source, department, source_order
  UNION ALL
  SELECT 'total', source, department, source_order, 0, 0 FROM sources
  WHERE $by = 'none' AND (SELECT count(*) FROM due) = 0
)
SELECT
  group_code,
  CASE
    WHEN group_code = 'total' THEN '合计'
    WHEN group_code = 'unknown' THEN '不详'
    WHEN $by = 'township' THEN coalesce(region_name(group_code), group_code)
    ELSE group_code
  END AS group_name,
  source,
  department,
  CAST(covered AS BIGINT) AS covered,
  CAST(due - covered AS BIGINT) AS missing,
  CAST(due AS BIGINT) AS due,
  round_half_up(100.0 * covered / nullif(due, 0), 2) AS coverage_pct,
  CASE WHEN due > 0 THEN round_half_up(100.0 * wilson_low(covered, due), 2) END AS coverage_low,
  CASE WHEN due > 0 THEN round_half_up(100.0 * wilson_high(covered, due), 2) END AS coverage_high,
  95 AS target_pct,
  CASE WHEN due > 0 THEN covered >= 0.95 * due END AS target_met,
  CASE
    WHEN due = 0 AND (SELECT count(*) FROM births) = 0 THEN 'not_linked'
    WHEN due = 0 THEN 'no_births'
  END AS reason
FROM counted
ORDER BY group_code, source_order
