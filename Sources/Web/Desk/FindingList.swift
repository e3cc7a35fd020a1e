import Domain

/// What a program found wrong, line by line, in a region of its own.
struct FindingList: Sendable {
    /// So many lines are shown; above that the first of them, and how many there are.
    static let shown = 5_000

    private let caption, column: String
    private let lines: [String]

    init(_ caption: String, _ column: String, _ lines: [String]) { (self.caption, self.column, self.lines) = (caption, column, lines) }

    var html: HTML {
        var table = DataTable(caption, [.text(column)])
        table.rows = lines.prefix(Self.shown).map { [.text($0)] }
        let cut: HTML =
            lines.count > Self.shown ? "<p class=\"muted\">The first \(grouped(Self.shown)) of \(grouped(lines.count)).</p>" : ""
        return cut + table.html
    }
}
