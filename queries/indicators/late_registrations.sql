/*
title: Late registrations of births
title_zh: 出生落户时效
description: How long after birth children were entered in the household register
description_zh: 出生到户口登记的时间
owner: police
tags: [indicator, births, timeliness]
unit: children
unit_zh: '人'
definition: >-
  Children born in the year and entered in the household register as births or late registrations
  (not moved in, no duplicates), by days from birth to registration. The limit is one month
  (户口登记条例, article 7), counted here as 31 days. Share = children of the group / children with a
  date of registration × 100. Children not yet registered are not in the register and cannot be seen
  here.
definition_zh: >-
  户籍登记中该年出生的儿童，按出生到登记的间隔分组；比重的分母为登记日期已知的儿童。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of birth, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, month], description: one set of rows per what, description_zh: 按什么分组}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
chart: {type: stacked_bar, x: group_name, y: [children], series: delay}
publish: {threshold: 10, counts: [children], wholes: [dated_children], rates: [share_pct, share_low, share_high]}
tests:
  - {unique: [group_code, delay]}
  - {on: sample, params: {year: 2018}, where: {delay: within_1_month}, expect: {children: 151, dated_children: 194, share_pct: 77.84}}
  - {on: sample, params: {year: 2018}, where: {delay: later}, expect: {children: 11}}
*/
WITH registered AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN coalesce(township_code, 'unknown')
      WHEN $by = 'month' THEN concat($year, '-', lpad(CAST(extract(month FROM birth_date) AS VARCHAR), 2, '0'))
      ELSE 'total'
    END AS group_code,
    -- Days since 1970 of both dates.
    CAST(date_part('epoch', registration_date) / 86400 AS BIGINT) - CAST(date_part('epoch', birth_date) / 86400 AS BIGINT) AS days
  FROM household_register
  WHERE birth_year = $year
    AND coalesce(registration_reason, 'birth') IN ('birth', 'late')
    AND coalesce(cancel_reason, 'other') <> 'duplicate'
    AND ($region IS NULL OR starts_with(coalesce(region_code, township_code), $region))
),
delays AS (
  SELECT column1 AS delay, column2 AS delay_name, column3 AS delay_order
  FROM (VALUES
    ('within_1_month', '1个月内', 1),
    ('within_6_months', '1–6个月', 2),
    ('within_1_year', '6–12个月', 3),
    ('later', '1年以上', 4),
    ('unknown', '不详', 5)
  ) AS listed
),
counted AS (
  SELECT group_code,
    CASE
      WHEN days IS NULL OR days < 0 THEN 'unknown'
      WHEN days <= 31 THEN 'within_1_month'
      WHEN days <= 183 THEN 'within_6_months'
      WHEN days <= 366 THEN 'within_1_year'
      ELSE 'later'
    END AS delay,
    1 AS children
  FROM registered
  -- Every delay of the total appears, also an empty one.
  UNION ALL
  SELECT 'total', delay, 0 FROM delays WHERE $by = 'none'
),
grouped AS (
  SELECT group_code, delay, CAST(sum(children) AS BIGINT) AS children
  FROM counted
  GROUP BY group_code, delay
),
shared AS (
  SELECT g.*, d.delay_name, d.delay_order,
    CAST(coalesce(sum(CASE WHEN g.delay <> 'unknown' THEN g.children END) OVER (PARTITION BY g.group_code), 0) AS BIGINT) AS dated
  FROM grouped g
  JOIN delays d ON d.delay = g.delay
)
SELECT
  group_code,
  CASE
    WHEN group_code = 'total' THEN '合计'
    WHEN group_code = 'unknown' THEN '不详'
    WHEN $by = 'township' THEN coalesce(region_name(group_code), group_code)
    ELSE group_code
  END AS group_name,
  delay,
  delay_name,
  children,
  dated AS dated_children,
  CASE WHEN delay <> 'unknown' THEN round_half_up(100.0 * children / nullif(dated, 0), 2) END AS share_pct,
  CASE WHEN delay <> 'unknown' AND dated > 0 THEN round_half_up(100.0 * wilson_low(children, dated), 2) END AS share_low,
  CASE WHEN delay <> 'unknown' AND dated > 0 THEN round_half_up(100.0 * wilson_high(children, dated), 2) END AS share_high,
  CASE
    WHEN delay = 'unknown' THEN 'unknown_date'
    WHEN dated = 0 THEN 'no_births'
  END AS reason
FROM shared
ORDER BY group_code, delay_order
