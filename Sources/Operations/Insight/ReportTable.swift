import Domain

/// A report before it is drawn: as text, as CSV, as JSON or as a page.
package struct ReportTable: Equatable, Sendable {
    package enum Cell: Equatable, Sendable {
        case text(String), integer(Int), money(Money), day(Day), none
        /// A scaled integer: 1523 with two decimals is 15.23.
        case decimal(Int64, decimals: Int)
    }
    package struct Column: Equatable, Sendable {
        /// What its cells are, where they are not empty.
        package enum Kind: String, Sendable, CaseIterable {
            case text, day, integer, money
            /// As the row says: money, an integer or a decimal; words in its place say why there is none.
            case figure
        }
        /// Stable: a row's member in JSON.
        ///
        /// - Shape: `snake_case`, unique within the table.
        package let name: String
        /// What people read above it.
        package let label: String
        package let kind: Kind
        package var isNumber: Bool { kind != .text && kind != .day }

        /// - Parameter name: The label with `_` for blanks when left out.
        package init(_ label: String, _ kind: Kind, name: String? = nil) {
            (self.label, self.kind, self.name) = (label, kind, name ?? label.replacing(" ", with: "_"))
        }
        package static func text(_ label: String) -> Column { Column(label, .text) }
        package static func day(_ label: String) -> Column { Column(label, .day) }
        package static func integer(_ label: String) -> Column { Column(label, .integer) }
        package static func money(_ label: String) -> Column { Column(label, .money) }
    }

    package let title: String
    package let columns: [Column]
    package var rows: [[Cell]]
    /// Sums, one a currency; shaped like the rows, the first cell says of what.
    package var totals: [[Cell]] = []
    /// Definitions and remarks, one sentence each.
    package var notes: [String] = []

    package init(_ title: String, _ columns: [Column], _ rows: [[Cell]] = []) {
        (self.title, self.columns, self.rows) = (title, columns, rows)
    }
}
