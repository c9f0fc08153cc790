//! Functions that other systems have under another name.

/// What to write instead of a function of MySQL, SQL Server, Oracle, SQLite, DuckDB, Excel or
/// PostgreSQL that does not exist here; `x` stands for its argument. `name` is lower case.
pub(super) fn instead(name: &str) -> Option<&'static str> {
    Some(match name {
        "len" | "strlen" | "lengthb" | "datalength" => "length(x)",
        "isnull" | "zeroifnull" | "ifna" => "coalesce(x, 0)",
        "if" | "iif" | "decode_if" => "CASE WHEN condition THEN a ELSE b END",
        "switch" | "choose" => "CASE x WHEN 1 THEN 'a' WHEN 2 THEN 'b' END",
        "getdate" | "sysdate" | "curdate" | "current_day" => "current_date",
        "sysdatetime" | "getutcdate" | "localtime" | "localtimestamp" => "now()",
        "year" => "date_part('year', x)",
        "quarter" => "date_part('quarter', x)",
        "month" => "date_part('month', x)",
        "week" | "weekofyear" => "date_part('week', x)",
        "day" | "dayofmonth" => "date_part('day', x)",
        "hour" => "date_part('hour', x)",
        "minute" => "date_part('minute', x)",
        "second" => "date_part('second', x)",
        "weekday" | "dayofweek" | "isodow" => "date_part('dow', x)",
        "dayofyear" => "date_part('doy', x)",
        "dayname" => "to_char(x, '%A')",
        "monthname" => "to_char(x, '%B')",
        "datediff" | "date_diff" | "timestampdiff" | "days_between" | "julianday" => {
            "later - earlier"
        }
        "months_between" => {
            "(date_part('year', a) - date_part('year', b)) * 12 + date_part('month', a) - date_part('month', b)"
        }
        "dateadd" | "date_add" | "adddate" | "timestampadd" | "add_months" => {
            "x + INTERVAL '1 month'"
        }
        "date_sub" | "subdate" => "x - INTERVAL '1 month'",
        "last_day" | "eomonth" => "date_trunc('month', x) + INTERVAL '1 month' - INTERVAL '1 day'",
        "strftime" | "format_date" | "formatdate" => "to_char(x, '%Y-%m')",
        "strptime" | "str_to_date" | "parse_date" | "datevalue" | "date" => {
            "to_date(x, '%Y-%m-%d')"
        }
        "date_from_parts" | "datefromparts" | "makedate" => "make_date(2018, 1, 31)",
        "unix_timestamp" => "date_part('epoch', x)",
        "group_concat" | "listagg" | "wm_concat" | "textjoin" => "string_agg(x, ',')",
        "list" | "collect_list" | "collect_set" => "array_agg(x)",
        "charindex" | "locate" | "find" => "strpos(text, part)",
        "mid" | "substring_of" => "substr(text, start, length)",
        "ucase" => "upper(x)",
        "lcase" => "lower(x)",
        "space" => "repeat(' ', n)",
        "replicate" | "rept" => "repeat(text, n)",
        "stuff" => "overlay(text PLACING part FROM start)",
        "split" | "strtok" => "split_part(text, ',', 1)",
        "regexp_extract" | "regexp_substr" => "regexp_match(text, pattern)[1]",
        "regexp_matches" | "regexp" | "rlike" => "regexp_like(text, pattern)",
        "ceiling" | "roundup" => "ceil(x)",
        "rounddown" | "truncate" => "trunc(x)",
        "mod" => "a % b",
        "div" => "a / b",
        "sign" => "signum(x)",
        "log_e" => "ln(x)",
        "rnd" => "random()",
        "average" => "avg(x)",
        "total" => "sum(x)",
        "stdev" | "std" | "stdevp" => "stddev(x)",
        "variance" | "variance_samp" => "var(x)",
        "count_if" | "countif" | "countifs" => "count(*) FILTER (WHERE condition)",
        "sum_if" | "sumif" | "sumifs" => "sum(x) FILTER (WHERE condition)",
        "averageif" | "avg_if" => "avg(x) FILTER (WHERE condition)",
        "quantile" | "percentile" | "percentile_disc" => {
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY x)"
        }
        "mode" => "(SELECT x … GROUP BY x ORDER BY count(*) DESC LIMIT 1)",
        "arg_max" | "argmax" | "max_by" => "last_value(x ORDER BY y)",
        "arg_min" | "argmin" | "min_by" => "first_value(x ORDER BY y)",
        "any" | "arbitrary" => "any_value(x)",
        "uniq" | "count_distinct" | "countdistinct" => "count(DISTINCT x)",
        "convert" | "to_number" | "to_integer" | "to_int" | "int" | "value" | "val" => {
            "cast(x AS bigint)"
        }
        "float" | "to_float" => "cast(x AS double)",
        "str" | "to_string" | "text" | "tostring" => "cast(x AS text)",
        "safe_cast" | "try_convert" => "try_cast(x AS bigint)",
        "hex" => "encode(x, 'hex')",
        "typeof" | "pg_typeof" => "arrow_typeof(x)",
        "age" => "age_at(birth_date, DATE '2020-12-31')",
        "vlookup" | "xlookup" => "JOIN … ON …",
        "rownum" | "rowid" => "row_number() OVER (ORDER BY x)",
        "concatenate" => "concat(a, b)",
        _ => return None,
    })
}
