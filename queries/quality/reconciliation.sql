/*
title: Reconciliation of two registers
title_zh: 两部门出生登记对账
description: For each pair of registers, step by step from the records of the one to the records of the other, every difference with its reason
description_zh: 每两个登记册之间，从一方记录数逐项推到另一方记录数，每项差异注明原因
owner: health
tags: [quality, births, departments]
unit: records
unit_zh: 条
definition: >-
  Records whose event (birth; for fertility registrations the delivery, else the expected date; for
  maternity insurance the delivery) falls into the period, compared through the links of `renkou
  link`. left_total − only_left + only_right = right_total, exactly; matched records are equal or
  differ in the fields named. Twins are two certificates and one delivery: beyond the first they are
  same_delivery where a register counts deliveries. Reasons of what only one side has - reissued,
  duplicate, same_delivery = another record of the same child or delivery; other_period = the other
  side has it in another period; ambiguous = a link waits for review; non_resident_mother = mother's
  residence outside the county; registered_elsewhere = a visitor was told so; moved_in = entered the
  register by moving; died; not_yet_due = the other side's file ends before its term; outside_period
  = the other side's file begins later, or has no such town and year; not_insured = no claim, which
  only insured parents make; unexplained = none of these, to be looked into.
definition_zh: >-
  事件（出生；生育登记按分娩日期，缺则按预产期；生育保险按分娩日期）落在该期间的记录，经 `renkou link` 的关联逐条比对。
  左方合计 − 仅左方 + 仅右方 = 右方合计，严格相等；两方都有的分为一致和字段不一致。双胞胎有两份证明而只有一次分娩，
  按分娩计数的登记册中第二名起记为 same_delivery。仅一方有的原因：补换发、重复、同一分娩、对方计入其他期间、待复核、
  母亲非本地、外地落户、迁入、死亡、未到期、对方资料未覆盖、未参保、原因不明。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of the event}
  by: {type: choice, default: none, choices: [none, month, township], description: 'one waterfall per what; a town is that of each register itself'}
  left: {type: choice, default: all, choices: [all, birth_certificates, household_register, fertility_registrations, maternity_insurance, household_visits], description: only pairs that begin with this register}
  right: {type: choice, default: all, choices: [all, birth_certificates, household_register, fertility_registrations, maternity_insurance, household_visits], description: only pairs that end with this register}
chart: {type: bar, x: reason, y: [change], series: outcome}
publish: internal
tests:
  - {unique: [period, left_register, right_register, step]}
  - {not_negative: [records]}
  - sql: "SELECT * FROM _ WHERE outcome = 'right_total' AND balance <> records"
  - sql: "SELECT * FROM _ WHERE outcome = 'right_total' AND balance <> records"
    params: {by: month}
  - sql: "SELECT * FROM _ WHERE outcome = 'right_total' AND balance <> records"
    params: {by: township}
*/
WITH registers AS (
  SELECT column1 AS register, column2 AS department, column3 AS place, column4 AS counts
  FROM (VALUES
    ('birth_certificates', 'health', 1, 'child'),
    ('household_register', 'police', 2, 'child'),
    ('fertility_registrations', 'health', 3, 'delivery'),
    ('maternity_insurance', 'social_security', 4, 'delivery'),
    ('household_visits', 'townships', 5, 'child')
  ) AS listed
),
county AS (
  SELECT max(substr(region_code, 1, 6)) AS county FROM (
    SELECT region_code, count(*) OVER (PARTITION BY substr(region_code, 1, 6)) AS entries FROM household_register WHERE region_code IS NOT NULL
  ) AS counted
  WHERE entries = (SELECT max(n) FROM (SELECT count(*) AS n FROM household_register WHERE region_code IS NOT NULL GROUP BY substr(region_code, 1, 6)) AS sizes)
),
records AS (
  SELECT 'birth_certificates' AS register, concat_ws('/', delivery_id, coalesce(source_sheet, ''), source_row) AS record,
    birth_date AS event_date, sex, mother_key AS mother, township_code, region_code,
    coalesce(issue_type, 'first') AS kind, NULL AS told
  FROM birth_certificates
  WHERE birth_year BETWEEN $year - 1 AND $year + 1
  UNION ALL
  SELECT 'household_register', concat_ws('/', delivery_id, coalesce(source_sheet, ''), source_row),
    birth_date, sex, mother_key, township_code, region_code,
    CASE WHEN cancel_reason = 'duplicate' THEN 'duplicate' WHEN registration_reason = 'moved_in' THEN 'moved_in' WHEN cancel_reason = 'death' THEN 'died' ELSE 'first' END, NULL
  FROM household_register
  WHERE birth_year BETWEEN $year - 1 AND $year + 1
  UNION ALL
  SELECT 'fertility_registrations', concat_ws('/', delivery_id, coalesce(source_sheet, ''), source_row),
    coalesce(delivery_date, expected_date, registration_date), NULL, wife_key, township_code, region_code, 'first', NULL
  FROM fertility_registrations
  WHERE extract(year FROM coalesce(delivery_date, expected_date, registration_date)) BETWEEN $year - 1 AND $year + 1
  UNION ALL
  SELECT 'maternity_insurance', concat_ws('/', delivery_id, coalesce(source_sheet, ''), source_row),
    delivery_date, NULL, CASE WHEN sex = 2 THEN person_key END, NULL, NULL, 'first', NULL
  FROM maternity_insurance
  WHERE delivery_year BETWEEN $year - 1 AND $year + 1
    AND coalesce(benefit_type, 'birth') NOT IN ('miscarriage', 'family_planning')
  UNION ALL
  SELECT 'household_visits', concat_ws('/', delivery_id, coalesce(source_sheet, ''), source_row),
    birth_date, sex, mother_key, township_code, region_code, 'first', CASE WHEN is_registered THEN 'registered' END
  FROM household_visits
  WHERE birth_year BETWEEN $year - 1 AND $year + 1
),
-- Both sides of every link that counts: whose birth the record is of.
sides AS (
  SELECT left_table AS register, concat_ws('/', left_delivery_id, coalesce(left_source_sheet, ''), left_source_row) AS record,
    encode(birth_key, 'hex') AS birth, kind
  FROM links WHERE class <> 'review'
  UNION ALL
  SELECT right_table, concat_ws('/', right_delivery_id, coalesce(right_source_sheet, ''), right_source_row),
    encode(birth_key, 'hex'), kind
  FROM links WHERE class <> 'review'
),
-- Twins have one delivery: the least of its births names it.
deliveries_of AS (
  SELECT s.birth, min(d.delivery) AS delivery
  FROM sides s
  JOIN (SELECT register, record, min(birth) AS delivery FROM sides WHERE kind = 'delivery' GROUP BY register, record) d
    ON d.register = s.register AND d.record = s.record
  WHERE s.kind = 'delivery'
  GROUP BY s.birth
),
of_birth AS (
  SELECT s.register, s.record, min(s.birth) AS birth, min(coalesce(d.delivery, s.birth)) AS delivery
  FROM sides s
  LEFT JOIN deliveries_of d ON d.birth = s.birth
  GROUP BY s.register, s.record
),
waiting AS (
  SELECT left_table AS register, concat_ws('/', left_delivery_id, coalesce(left_source_sheet, ''), left_source_row) AS record, right_table AS other
  FROM links WHERE class = 'review'
  UNION
  SELECT right_table, concat_ws('/', right_delivery_id, coalesce(right_source_sheet, ''), right_source_row), left_table
  FROM links WHERE class = 'review'
),
known AS (
  SELECT r.*, coalesce(b.birth, r.record) AS birth, coalesce(b.delivery, r.record) AS delivery,
    CASE WHEN $by = 'month' THEN to_char(r.event_date, '%Y-%m')
      WHEN $by = 'township' THEN concat(extract(year FROM r.event_date), '/', coalesce(r.township_code, 'unknown'))
      ELSE CAST(extract(year FROM r.event_date) AS VARCHAR) END AS period,
    extract(year FROM r.event_date) AS event_year
  FROM records r
  LEFT JOIN of_birth b ON b.register = r.register AND b.record = r.record
),
units AS (
  SELECT k.*, 'child' AS counts, birth AS unit FROM known k
  UNION ALL
  SELECT k.*, 'delivery' AS counts, delivery AS unit FROM known k
),
placed AS (
  SELECT u.*,
    row_number() OVER w AS place,
    first_value(birth) OVER w AS first_birth
  FROM units u
  WINDOW w AS (PARTITION BY register, counts, unit ORDER BY CASE kind WHEN 'first' THEN 0 ELSE 1 END, event_date, record)
),
-- Until when and from when each register can know of an event.
reach AS (
  SELECT 'birth_certificates' AS register, min(birth_date) AS begins, max(issue_date) - 30 AS ends FROM birth_certificates
  UNION ALL SELECT 'household_register', NULL, max(registration_date) - 30 FROM household_register
  UNION ALL SELECT 'fertility_registrations', min(coalesce(delivery_date, expected_date)), NULL FROM fertility_registrations
  UNION ALL SELECT 'maternity_insurance', min(delivery_date), max(delivery_date) FROM maternity_insurance
  UNION ALL SELECT 'household_visits', min(birth_date), max(visit_date) FROM household_visits
),
covered AS (
  SELECT DISTINCT register, township_code, event_year FROM known
),
pairs AS (
  SELECT l.register AS left_register, r.register AS right_register, l.department AS left_department, r.department AS right_department,
    l.place * 10 + r.place AS pair_order,
    CASE WHEN l.counts = 'child' AND r.counts = 'child' THEN 'child' ELSE 'delivery' END AS counts
  FROM registers l
  JOIN registers r ON l.place < r.place
  WHERE ($left = 'all' OR l.register = $left) AND ($right = 'all' OR r.register = $right)
),
sided AS (
  SELECT left_register, right_register, counts, 'left' AS side, left_register AS register, right_register AS other FROM pairs
  UNION ALL
  SELECT left_register, right_register, counts, 'right' AS side, right_register AS register, left_register AS other FROM pairs
),
judged AS (
  SELECT s.left_register, s.right_register, s.side, p.period,
    CASE
      WHEN p.place > 1 THEN 'only'
      WHEN o.unit IS NULL OR o.period <> p.period THEN 'only'
      ELSE 'matched'
    END AS outcome,
    CASE
      WHEN p.place > 1 AND p.kind IN ('replaced', 'reissued') THEN 'reissued'
      WHEN p.place > 1 AND p.birth <> p.first_birth THEN 'same_delivery'
      WHEN p.place > 1 THEN 'duplicate'
      WHEN o.unit IS NOT NULL AND o.period <> p.period THEN 'other_period'
      WHEN o.unit IS NOT NULL THEN
        CASE WHEN p.sex = o.sex OR p.sex IS NULL OR o.sex IS NULL OR s.counts = 'delivery' THEN '' ELSE 'sex ' END
        || CASE WHEN p.event_date = o.event_date OR s.register = 'fertility_registrations' OR s.other = 'fertility_registrations' THEN '' ELSE 'birth_date ' END
        || CASE WHEN p.mother = o.mother OR p.mother IS NULL OR o.mother IS NULL THEN '' ELSE 'mother ' END
      WHEN w.record IS NOT NULL THEN 'ambiguous'
      WHEN p.kind = 'duplicate' THEN 'duplicate'
      WHEN p.kind = 'moved_in' AND s.other <> 'household_visits' THEN 'moved_in'
      WHEN p.region_code IS NOT NULL AND NOT starts_with(p.region_code, (SELECT county FROM county)) THEN 'non_resident_mother'
      WHEN s.other = 'household_register' AND p.told = 'registered' THEN 'registered_elsewhere'
      WHEN p.kind = 'died' AND s.other = 'household_visits' THEN 'died'
      WHEN p.event_date > e.ends THEN 'not_yet_due'
      WHEN p.event_date < e.begins THEN 'outside_period'
      WHEN s.other = 'household_visits' AND p.township_code IS NOT NULL AND c.event_year IS NULL THEN 'outside_period'
      WHEN s.other = 'maternity_insurance' THEN 'not_insured'
      ELSE 'unexplained'
    END AS reason
  FROM sided s
  JOIN placed p ON p.register = s.register AND p.counts = s.counts
  LEFT JOIN placed o ON o.register = s.other AND o.counts = s.counts AND o.unit = p.unit AND o.place = 1
  LEFT JOIN waiting w ON w.register = s.register AND w.record = p.record AND w.other = s.other
  LEFT JOIN reach e ON e.register = s.other
  LEFT JOIN covered c ON c.register = s.other AND c.township_code = p.township_code AND c.event_year = p.event_year
  WHERE p.event_year = $year
),
tallied AS (
  SELECT period, left_register, right_register, side, outcome, reason, count(*) AS records
  FROM judged GROUP BY period, left_register, right_register, side, outcome, reason
  UNION ALL
  -- Both totals appear, also of an empty register.
  SELECT CAST($year AS VARCHAR), left_register, right_register, side, 'none', NULL, 0 FROM sided WHERE $by = 'none'
),
-- Every tally counts in the total of its side; those of matched records stand on the left only.
told AS (
  SELECT t.*, w.what,
    CASE
      WHEN w.what = 'total' THEN concat(t.side, '_total')
      WHEN t.outcome = 'only' THEN concat('only_', t.side)
      WHEN t.reason = '' THEN 'matched_equal'
      ELSE 'matched_conflict'
    END AS told_as
  FROM tallied t
  CROSS JOIN (SELECT column1 AS what FROM (VALUES ('total'), ('part')) AS listed) w
  WHERE w.what = 'total' OR t.outcome = 'only' OR (t.outcome = 'matched' AND t.side = 'left')
),
steps AS (
  SELECT period, left_register, right_register, told_as AS outcome,
    CASE told_as WHEN 'left_total' THEN 1 WHEN 'only_left' THEN 2 WHEN 'only_right' THEN 4 WHEN 'right_total' THEN 5 ELSE 3 END AS stage,
    CASE WHEN what = 'part' AND outcome = 'only' THEN reason END AS reason,
    CASE WHEN what = 'part' AND outcome = 'matched' THEN nullif(replace(trim(reason), ' ', ', '), '') END AS fields,
    sum(records) AS records,
    sum(CASE told_as WHEN 'left_total' THEN records WHEN 'only_left' THEN -records WHEN 'only_right' THEN records ELSE 0 END) AS change
  FROM told
  GROUP BY 1, 2, 3, 4, 5, 6, 7
),
ordered AS (
  SELECT s.*, p.left_department, p.right_department, p.pair_order,
    row_number() OVER (PARTITION BY s.period, s.left_register, s.right_register ORDER BY s.stage, s.records DESC, s.reason, s.fields) AS step
  FROM steps s
  JOIN pairs p ON p.left_register = s.left_register AND p.right_register = s.right_register
)
SELECT
  period,
  left_register,
  right_register,
  left_department,
  right_department,
  step,
  outcome,
  reason,
  fields,
  records,
  change,
  sum(change) OVER (PARTITION BY period, left_register, right_register ORDER BY step) AS balance
FROM ordered
ORDER BY period, pair_order, step
