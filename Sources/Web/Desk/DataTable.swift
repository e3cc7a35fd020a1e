import Domain
import Formats

/// A table of the desk: shown on the page, and exported as CSV from the same cells.
struct DataTable: Sendable {
    enum Cell: Sendable {
        case none, text(String), number(Int), money(Money), day(Day), instant(Instant), badge(Badge)
        /// A text that leads on.
        case link(String, to: String)
        /// Whole days past due; zero or below is shown as nothing.
        case overdueDays(Int)
        /// A scaled integer: 1523 with two decimals is 15.23.
        case decimal(Int64, decimals: Int)
        /// A text with a second, quieter line.
        case lines(String, String, to: String?)
        /// A longer text that only explains.
        case quiet(String)
        /// A bank account: in groups of four on the page, without blanks in the export.
        case account(String)
        /// A box that picks the row for the form around the table.
        case pick(name: String, value: String, label: String)
        /// What the page shows in place of the text that the export takes.
        case drawn(String, HTML)
    }
    struct Column: Sendable {
        let title: String
        let isNumber: Bool
        /// The value of `sort` that orders by this column; nil where the order is fixed. With a minus it is the other way round.
        let sort: String?
        /// Whether that order begins with the largest or latest.
        var isFalling = false
        /// What the second line of its cells is called, or the currency of its amounts where that need not be the row's: a column of its
        /// own in the export.
        var second: String?
        /// In the export alone: what the page leaves to its links, or cuts.
        var isExportOnly = false
        /// On the page alone: what can be done about the row.
        var isActs = false
        static func text(_ title: String, sort: String? = nil, falling: Bool = false, second: String? = nil) -> Column {
            Column(title: title, isNumber: false, sort: sort, isFalling: falling, second: second)
        }
        static func exported(_ title: String) -> Column {
            Column(title: title, isNumber: false, sort: nil, isExportOnly: true)
        }
        static var acts: Column { Column(title: "Actions", isNumber: false, sort: nil, isActs: true) }
        static func number(_ title: String, sort: String? = nil, second: String? = nil) -> Column {
            Column(title: title, isNumber: true, sort: sort, isFalling: true, second: second)
        }
    }

    let caption: String
    let columns: [Column]
    var rows: [[Cell]] = []
    var totals: [[Cell]] = []
    /// Said in place of rows when there are none.
    var empty = Empty("Nothing here", "There is nothing to show.")
    /// Where the table stands: sorts, later pages and the export lead from here.
    var place: ListLink?

    init(_ caption: String, _ columns: [Column]) { (self.caption, self.columns) = (caption, columns) }
}

/// The address of a list with what it was asked.
struct ListLink: Sendable {
    let path: String
    var filters: [(name: String, value: String)] = []
    var sort: String?
    /// Where the next page begins; nil on the last.
    var next: String?
    var isFirst = true
    var isExported = true

    func link(sort: String? = nil, after: String? = nil, format: String? = nil) -> String {
        let pairs = filters + [("sort", sort ?? self.sort ?? ""), ("after", after ?? ""), ("format", format ?? "")]
        return Link(path, pairs).text
    }
}

extension DataTable {
    var html: HTML {
        guard !rows.isEmpty else { return (place?.isFirst == false ? .ended : empty).html + (place.map(pager) ?? "") }
        let currencies = Set((rows + totals).joined().compactMap(\.currency)), isNamed = currencies.areNamed && !hasCurrencyColumn
        func drawn(_ rows: [[Cell]], isTotal: Bool = false) -> [HTML] { rows.map { row($0, isTotal: isTotal, naming: isNamed) } }
        let foot: HTML = totals.isEmpty ? "" : "<tfoot>\(drawn(totals, isTotal: true))</tfoot>"
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(caption)">\
            <table class="list\(currencies.haveMixedFractions ? " mixed" : "")">\
            <caption class="quiet-caption">\(caption)</caption>
            <thead><tr>\(columns.filter { !$0.isExportOnly }.map(head))</tr></thead>
            <tbody>\(drawn(rows))</tbody>\(foot)</table></div>\(place.map(pager))
            """
    }

    fileprivate var hasCurrencyColumn: Bool { columns.contains { $0.title == "Currency" } }

    private func head(_ column: Column) -> HTML {
        let kind = kind(of: column)
        guard let sort = column.sort, let place else { return "<th scope=\"col\"\(kind)>\(column.title)</th>" }
        let isSorted = place.sort == sort, isReversed = place.sort == "-" + sort
        let link = place.link(sort: isSorted ? "-" + sort : sort)
        guard isSorted || isReversed else { return "<th scope=\"col\"\(kind)><a href=\"\(link)\">\(column.title)</a></th>" }
        let falls = column.isFalling != isReversed
        return """
            <th scope="col"\(kind) aria-sort="\(falls ? "descending" : "ascending")"><a href="\(link)">\(column.title)\
            <span aria-hidden="true"> \(falls ? "↓" : "↑")</span></a></th>
            """
    }

    private func kind(of column: Column) -> HTML {
        let names = [(column.isNumber, "n"), (column.isActs, "acts")].filter(\.0).map(\.1)
        return names.isEmpty ? "" : " class=\"\(names.joined(separator: " "))\""
    }

    private func row(_ cells: [Cell], isTotal: Bool, naming isNamed: Bool) -> HTML {
        // A row without its first cell goes on with the one above.
        let isMore = if case .none? = cells.first { !isTotal } else { false }
        let shown = zip(columns, cells).filter { !$0.0.isExportOnly }.map { column, cell in
            "<td\(kind(of: column))>\(isNamed ? cell.named : cell.html)</td>" as HTML
        }
        return "<tr\(isMore ? " class=\"more\"" : "" as HTML)>\(shown)</tr>\n"
    }

    private func pager(_ place: ListLink) -> HTML {
        let first: HTML = place.isFirst ? "" : "<a class=\"button\" href=\"\(place.link())\">First page</a>"
        let next: HTML = place.next.map { "<a class=\"button\" rel=\"next\" href=\"\(place.link(after: $0))\">Next page</a>" } ?? ""
        let export: HTML =
            place.isExported && !rows.isEmpty
            ? "<a class=\"button quiet\" href=\"\(place.link(format: "csv"))\" download>Export CSV</a>" : ""
        let count: HTML =
            rows.isEmpty ? "" : "<span class=\"muted\">\(counted(rows.count, "row"))\(place.next == nil ? "" : " on this page")</span>"
        return "<div class=\"pager\">\(count)<span class=\"gap\"></span>\(export)\(first)\(next)</div>"
    }
}

extension DataTable.Cell {
    var html: HTML {
        switch self {
        case .none: ""
        case .text(let text): breaking(text, "\(text)")
        case .number(let number): "\(grouped(number))"
        case .money(let money): money.html()
        case .day(let day): day.html
        case .instant(let instant): instant.html
        case .badge(let badge): badge.html
        case .link(let text, let to): breaking(text, "<a href=\"\(to)\">\(text)</a>")
        case .overdueDays(let days):
            days > 0
                ? "<span class=\"late\"><span aria-hidden=\"true\">▲</span> \(counted(days, "day"))</span>"
                : "<span class=\"muted\">–</span>"
        case .decimal(let value, let decimals): "\(decimalText(value, decimals))"
        case .lines(let first, let second, let to):
            """
            <span class="name">\(to.map { "<a href=\"\($0)\">\(first)</a>" as HTML } ?? "\(first)")</span><span class="sub">\
            \(second)</span>
            """
        case .quiet(let text): "<span class=\"sub\">\(text)</span>"
        case .account(let account): "\(grouped(account))"
        case .pick(let name, let value, let label):
            "<input type=\"checkbox\" name=\"\(name)\" value=\"\(sent: value)\" aria-label=\"\(label)\"\(checked(name, value))\(FaultMarks(name).attributes())>"
        case .drawn(_, let html): html
        }
    }

    /// What is long may break anywhere, so that the amounts beside it stay in sight; a number of a document stays whole.
    private func breaking(_ text: String, _ html: HTML) -> HTML { text.count > 24 ? "<span class=\"name\">\(html)</span>" : html }

    /// Money with its currency beside it.
    fileprivate var named: HTML { if case .money(let money) = self { money.html(withCurrency: true) } else { html } }

    /// The cell as a spreadsheet takes it: exact, ungrouped, and no formula.
    var csv: String {
        switch self {
        case .none, .pick: ""
        case .text(let text), .quiet(let text), .link(let text, _), .lines(let text, _, _), .drawn(let text, _): csvText(text)
        case .account(let account): csvText(account.replacing(" ", with: ""))
        case .number(let number): String(number)
        case .overdueDays(let days): String(max(0, days))
        case .money(let money): money.decimal
        case .day(let day): day.iso8601
        case .instant(let instant): instant.iso8601
        case .badge(let badge): csvText(badge.text)
        case .decimal(let value, let decimals): decimalText(value, decimals).replacing("\u{2212}", with: "-")
        }
    }
}

extension DataTable {
    var csv: String {
        var csv = TableCSV(self)
        return String(decoding: csv.take(), as: UTF8.self)
    }
}

/// A table as RFC 4180, to which the rows of later pages are added; amounts carry their currency in a column of its own where any row of the
/// first page has one and no column is called so already. An amount of another currency than the row's has a column for its own.
struct TableCSV {
    private typealias Cell = DataTable.Cell
    private let columns: [DataTable.Column]
    private let shown: [Int]
    private let hasCurrency: Bool
    private var above: [DataTable.Cell] = []
    private var text: String

    init(_ table: DataTable) {
        let rows = table.rows
        columns = table.columns
        shown = columns.indices.filter { at in
            !table.columns[at].isActs && !rows.contains { if case .pick = $0[at] { true } else { false } }
        }
        hasCurrency = !table.hasCurrencyColumn && rows.contains { Self.currency(of: $0, table.columns) != nil }
        var titles: [String] = []
        for at in shown { titles += [columns[at].title] + (columns[at].second.map { [$0] } ?? []) }
        if hasCurrency { titles.append("Currency") }
        text = titles.map(csvText).joined(separator: ",") + "\r\n"
        append(rows)
    }

    /// What was added since it was taken last.
    mutating func take() -> [UInt8] {
        defer { text = "" }
        return Array(text.utf8)
    }

    mutating func append(_ rows: [[DataTable.Cell]]) {
        for row in rows {
            above = whole(row, below: above)
            let cells = above
            var fields = shown.flatMap { at in [cells[at].csv] + (columns[at].second == nil ? [] : [cells[at].secondCSV]) }
            if hasCurrency { fields.append(Self.currency(of: row, columns)?.code ?? "") }
            text += fields.joined(separator: ",") + "\r\n"
        }
    }

    private static func currency(of row: [Cell], _ columns: [DataTable.Column]) -> Currency? {
        for (column, cell) in zip(columns, row) where column.second == nil {
            if let currency = cell.currency { return currency }
        }
        return nil
    }

    /// A row that goes on with the one above begins with the same cells: in a spreadsheet each row stands for itself.
    private func whole(_ row: [Cell], below above: [Cell]) -> [Cell] {
        let missing = row.prefix { if case .none = $0 { true } else { false } }.count
        return above.prefix(missing).count == missing ? Array(above.prefix(missing)) + row.dropFirst(missing) : row
    }
}

extension DataTable.Cell {
    fileprivate var currency: Currency? { if case .money(let money) = self { money.currency } else { nil } }
    fileprivate var secondCSV: String {
        switch self {
        case .lines(_, let text, _): csvText(text)
        case .money(let money): money.currency.code
        default: ""
        }
    }
}
