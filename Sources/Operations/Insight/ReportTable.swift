import Domain

/// A report before it is drawn: as text, as CSV, as JSON or as a page.
package struct ReportTable: Equatable, Sendable {
    package enum Cell: Equatable, Sendable {
        case text(String), integer(Int), money(Money), day(Day), none
        /// A scaled integer: 1523 with two decimals is 15.23.
        case decimal(Int64, decimals: Int)
    }
    package struct Column: Equatable, Sendable {
        package let name: String
        package let isNumber: Bool
        package static func text(_ name: String) -> Column { Column(name: name, isNumber: false) }
        package static func number(_ name: String) -> Column { Column(name: name, isNumber: true) }
    }

    package let title: String
    package let columns: [Column]
    package var rows: [[Cell]]
    /// Sums, one a currency; shaped like the rows.
    package var totals: [[Cell]] = []
    /// Definitions and remarks, one sentence each.
    package var notes: [String] = []

    package init(_ title: String, _ columns: [Column], _ rows: [[Cell]] = []) {
        (self.title, self.columns, self.rows) = (title, columns, rows)
    }
}
