/*
title: Accuracy between registers
title_zh: 部门间信息准确率
description: Share of children whose sex, date of birth and mother agree in birth certificate and household register
description_zh: 出生医学证明与户籍登记中性别、出生日期、母亲一致的儿童所占比例
owner: police
tags: [indicator, births, quality]
unit: children
unit_zh: 人
definition: >-
  Accuracy = linked children whose field agrees in both registers / linked children with the field in
  both × 100; all_fields = children whose every compared field agrees. Linked = certificate (first issue) and household
  entry judged the same child (table links, made by `renkou link`, class certain or probable). group births =
  children born in the year; group ages_0_3 = children aged 0 to 3 at its end (0–3 岁组准确率). The
  mother agrees when both registers hold the same ID number of hers. Interval - Wilson, 95 %.
definition_zh: >-
  准确率＝两个登记中该项目一致的已关联儿童 / 两个登记都填有该项目的已关联儿童 × 100；all_fields 为全部可比项目都一致的儿童。已关联指首次签发的证明与户籍登记被判定为同一儿童（表 links，由 `renkou link` 生成，certain 或 probable）。group=births 为当年出生的儿童；group=ages_0_3 为年末0至3周岁的儿童（0–3岁组准确率）。两个登记中母亲的公民身份号码相同即为母亲一致。区间为 Wilson 95% 区间。
params:
  year: {type: year, default: latest_complete_year, description: calendar year, description_zh: 年份}
  group: {type: choice, default: births, choices: [births, ages_0_3], description: children born in the year or aged 0 to 3 at its end, description_zh: 当年出生的儿童，或年末0至3周岁的儿童}
  by: {type: choice, default: none, choices: [none, township], description: one set of rows per what, description_zh: 按什么分组，每组一套行}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 行政区划代码或其开头几位；省略时为全县（旗）}
chart: {type: bar, x: field, y: [accuracy_pct]}
publish: {threshold: 10, counts: [agreed, differing, compared], sums: ["compared = agreed + differing"], rates: [accuracy_pct, accuracy_low, accuracy_high]}
tests:
  - {unique: [group_code, field]}
*/
WITH fields AS (
  SELECT column1 AS field, column2 AS field_name, column3 AS field_order
  FROM (VALUES ('birth_date', '出生日期', 1), ('sex', '性别', 2), ('mother', '母亲', 3), ('all_fields', '全部项目', 4)) AS listed
),
pairs AS (
  SELECT
    CASE WHEN $by = 'township' THEN coalesce(h.township_code, c.township_code, 'unknown') ELSE 'total' END AS group_code,
    c.birth_date = h.birth_date AS birth_date_agrees,
    CASE WHEN c.sex IN (1, 2) AND h.sex IN (1, 2) THEN c.sex = h.sex END AS sex_agrees,
    c.mother_key = h.mother_key AS mother_agrees
  FROM links l
  JOIN birth_certificates c
    ON c.delivery_id = l.left_delivery_id AND c.source_row = l.left_source_row AND coalesce(c.source_sheet, '') = coalesce(l.left_source_sheet, '')
  JOIN household_register h
    ON h.delivery_id = l.right_delivery_id AND h.source_row = l.right_source_row AND coalesce(h.source_sheet, '') = coalesce(l.right_source_sheet, '')
  WHERE l.kind = 'child' AND l.left_table = 'birth_certificates' AND l.right_table = 'household_register'
    AND l.class IN ('certain', 'probable')
    AND coalesce(c.issue_type, 'first') = 'first'
    AND coalesce(h.birth_year, c.birth_year) BETWEEN CASE WHEN $group = 'ages_0_3' THEN $year - 3 ELSE $year END AND $year
    AND ($region IS NULL OR starts_with(coalesce(h.township_code, c.township_code), $region))
),
judged AS (
  SELECT p.group_code, f.field,
    CASE f.field
      WHEN 'birth_date' THEN p.birth_date_agrees
      WHEN 'sex' THEN p.sex_agrees
      WHEN 'mother' THEN p.mother_agrees
      WHEN 'all_fields' THEN coalesce(p.birth_date_agrees, true) AND coalesce(p.sex_agrees, true) AND coalesce(p.mother_agrees, true)
    END AS agrees
  FROM pairs p
  CROSS JOIN fields f
),
counted AS (
  SELECT group_code, field, count(*) FILTER (WHERE agrees) AS agreed, count(agrees) AS compared
  FROM judged
  GROUP BY group_code, field
  UNION ALL
  SELECT 'total', field, 0, 0 FROM fields WHERE $by = 'none' AND (SELECT count(*) FROM pairs) = 0
)
SELECT
  c.group_code,
  CASE
    WHEN c.group_code = 'total' THEN '合计'
    WHEN c.group_code = 'unknown' THEN '不详'
    ELSE coalesce(region_name(c.group_code), c.group_code)
  END AS group_name,
  c.field,
  f.field_name,
  CAST(c.agreed AS BIGINT) AS agreed,
  CAST(c.compared - c.agreed AS BIGINT) AS differing,
  CAST(c.compared AS BIGINT) AS compared,
  round_half_up(100.0 * c.agreed / nullif(c.compared, 0), 2) AS accuracy_pct,
  CASE WHEN c.compared > 0 THEN round_half_up(100.0 * wilson_low(c.agreed, c.compared), 2) END AS accuracy_low,
  CASE WHEN c.compared > 0 THEN round_half_up(100.0 * wilson_high(c.agreed, c.compared), 2) END AS accuracy_high,
  CASE
    WHEN c.compared = 0 AND (SELECT count(*) FROM links) = 0 THEN 'not_linked'
    WHEN c.compared = 0 THEN 'nothing_to_compare'
  END AS reason
FROM counted c
JOIN fields f ON f.field = c.field
ORDER BY c.group_code, f.field_order
