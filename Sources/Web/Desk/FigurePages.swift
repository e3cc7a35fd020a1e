import Domain
import Operations

/// `/figures`: DSO and its kin with their course, and aging; each says what it means and leads to its items.
struct FiguresPage: Sendable {
    let periods: [ReceivablesPeriod]
    let aging: [AgingRow]
    let history: [Currency: [FigureHistory.Point]]
    let asOf: Day
    let knownAt: Instant?

    var body: PageBody {
        var body = PageBody(
            "Figures",
            """
            <div class="stack">\(moment("/figures", asOf: asOf, knownAt: knownAt))\(periods.map(cards))
            <div class="columns">\(aging.map { agingPanel($0, asOf: asOf, knownAt: knownAt) })\(periods.map(course))</div>\(definitions)\
            </div>
            """)
        if periods.isEmpty {
            body.content += Empty("No figures yet", "They begin with the first invoice.", link: ("Import", "/import")).html
        }
        return body
    }

    private func cards(_ period: ReceivablesPeriod) -> HTML {
        func shown(_ figure: Figure, as name: String, unit: String = "days", note: String, to link: String? = nil) -> HTML {
            guard let value = period.value(of: figure) else {
                let absence = period.absence(of: figure)
                return card(name, "<span class=\"muted\">\(absence?.name ?? "")</span>", note: "\(absence?.reason ?? "")", to: link)
            }
            return card(name, "\(decimalText(value, 2, shown: 1)) <span class=\"cur\">\(unit)</span>", note: "\(note)", to: link)
        }
        let currency = period.closing.currency, open = documentsLink(.open, currency, asOf: asOf, knownAt: knownAt),
            overdue = documentsLink(.overdue, currency, asOf: asOf, knownAt: knownAt)
        return """
            <div class="cards">\
            \(shown(.dso, as: "DSO", note: "of \(period.days) days, \(currency.code)", to: open))\
            \(shown(.bpdso, as: "Best possible DSO", note: "if nobody paid late"))\
            \(shown(.add, as: "Average days delinquent", note: "DSO less best possible", to: overdue))\
            \(shown(.cei, as: "Collection effectiveness", unit: "%", note: "100 when nothing is late"))</div>
            """
    }

    private func course(_ period: ReceivablesPeriod) -> HTML {
        let points = history[period.closing.currency] ?? []
        let chart = LineChart(
            title: "DSO over time in \(period.closing.currency.code)", days: points.map(\.on),
            series: [
                .init(name: "DSO", values: points.map(\.period.dsoCentiDays)),
                .init(name: "Best possible DSO", values: points.map(\.period.bpdsoCentiDays)),
                .init(name: "Days delinquent", values: points.map(\.period.addCentiDays)),
            ], decimals: 2, unit: "days")
        return panel("DSO over time, \(period.closing.currency.code)", chart.html)
    }

    private var definitions: HTML {
        panel(
            "What they mean",
            """
            <dl class="prose">\
            \([Figure.dso, .bpdso, .add, .cei, .aging].map { "<div><dt><b>\($0.name)</b></dt><dd>\($0.definition)</dd></div>" as HTML })\
            </dl>
            """
        )
    }
}

/// Bars by days overdue, with the table behind them.
func agingPanel(_ row: AgingRow, asOf: Day, knownAt: Instant?) -> HTML {
    func documents(_ bucket: Int) -> String {
        let late = DaysLate(bucket: bucket, of: row.buckets)
        return documentsLink(bucket == 0 ? .open : .overdue, late: late, row.currency, asOf: asOf, knownAt: knownAt)
    }
    let credits = Link("/figures/credits", ["currency": row.currency.code, "as_of": asOf.iso8601, "known_at": knownAt?.iso8601]).text
    let bars = row.amounts.enumerated().map { at, amount in
        BarChart.Bar(label: row.buckets.labels[at], value: amount.minor, text: amount.readable, shade: min(at, 4), to: nil)
    }
    var table = DataTable("Aging in \(row.currency.code)", [.text("Days past due"), .number("Items"), .number("Amount")])
    table.rows =
        row.amounts.indices.map {
            [
                .link(row.buckets.labels[$0], to: documents($0)), .number(row.counts[$0]), .money(row.amounts[$0]),
            ]
        }
        + [[.link("Credits", to: credits), .number(row.creditCount), .money(row.credits)]]
    table.totals = [[.text("Total"), .number(row.counts.reduce(row.creditCount, +)), .money(row.total)]]
    return panel(
        "Aging, \(row.currency.code)", "\(BarChart(title: "Aging in \(row.currency.code)", bars: bars).html)\(table.html)",
        aside: "<a href=\"\(Link("/figures/aging", ["as_of": asOf.iso8601, "known_at": knownAt?.iso8601]).text)\">By customer</a>")
}

/// `/figures/aging`: aging by customer.
struct AgingPage: Sendable {
    let totals: [AgingRow]
    /// Those of this page.
    let lines: [AgingReport.Line]
    /// Where they stand among all.
    let shown: Range<Int>
    let lineCount: Int
    let standing: [Currency: StandingSum]
    let asOf: Day
    let knownAt: Instant?
    /// nil where it tells of now.
    let past: ReportMoment?
    let place: ListLink

    var body: PageBody {
        let labels = (totals.first?.buckets ?? .standard).labels
        let buckets = labels.enumerated().map { at, label -> DataTable.Column in
            .number(words(label), sort: at == labels.count - 1 ? AgingReport.Order.oldest.rawValue : nil)
        }
        var table = DataTable(
            "Aging by customer",
            [.text("Customer", sort: AgingReport.Order.name.rawValue, second: "Customer number")] + buckets + [
                .number("Credits"), .number("Total", sort: AgingReport.Order.total.rawValue),
            ])
        table.rows = lines.map { line in
            [line.customer == nil ? .text(line.name) : .lines(line.name, line.number, to: customerPath(line.number, at: past))]
                + cells(line.row)
        }
        table.totals = totals.map { [.text("Total \($0.currency.code)")] + cells($0) }
        table.empty = Empty("Nothing is open", "Nobody owes anything on \(asOf.words).")
        table.place = place
        let range: HTML = "\(grouped(shown.lowerBound + 1)) to \(grouped(shown.upperBound)) of \(grouped(lineCount))"
        let more: HTML = lineCount > lines.count ? "<p class=\"muted\">\(range); the export holds all.</p>" : ""
        var body = PageBody(
            "Aging by customer",
            """
            <div class="stack">\(moment("/figures/aging", asOf: asOf, knownAt: knownAt))\(more)<div class="list-frame">\(table.html)\
            </div>\(apart)<p class="muted">\(Figure.aging.definition)</p></div>
            """
        )
        body.crumbs = [("Figures", "/figures")]
        body.table = table
        return body
    }

    private var apart: HTML {
        let sums = standing.filter { $0.value != StandingSum($0.key) }.sorted { $0.key.code < $1.key.code }.map { _, sum -> HTML in
            "\(sum.disputed.html(withCurrency: true)) disputed or deducted, \(sum.promised.html(withCurrency: true)) promised or on a plan. "
        }
        let slices = Link("/collections/slices", ["as_of": past?.asOf.iso8601, "known_at": past?.knownAt?.iso8601]).text
        return sums.isEmpty ? "" : "<p><a href=\"\(slices)\">Of these</a> \(sums)</p>"
    }

    private func cells(_ row: AgingRow) -> [DataTable.Cell] {
        (row.amounts + [row.credits]).map { $0.minor == 0 ? .none : .money($0) } + [.money(row.total)]
    }
}
