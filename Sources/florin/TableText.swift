import ArgumentParser
import Domain
import Formats
import Foundation
import Operations
import Web

enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case table, csv, json }

extension ReportTable {
    func text(_ format: OutputFormat) -> String {
        switch format {
        case .table: drawn
        case .csv: csvLines.joined(separator: "\n")
        case .json: json.line
        }
    }

    /// Columns aligned, numbers to the right, totals below a line, definitions at the end.
    private var drawn: String {
        let header = columns.map(\.label), body = rows.map { $0.map(\.readable) }, sums = totals.map { $0.map(\.readable) }
        var widths = header.map(\.count)
        for row in body + sums { for (at, cell) in row.enumerated() { widths[at] = max(widths[at], cell.count) } }
        func line(_ cells: [String]) -> String {
            zip(cells, zip(widths, columns)).map { cell, shape in
                let space = String(repeating: " ", count: shape.0 - cell.count)
                return shape.1.isNumber ? space + cell : cell + space
            }.joined(separator: "  ").trimmingEnd
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
        var lines = [title, "", line(header), rule] + body.map(line)
        if !sums.isEmpty { lines += [rule] + sums.map(line) }
        if rows.isEmpty { lines.append("(nothing)") }
        if !notes.isEmpty { lines += [""] + notes }
        return lines.joined(separator: "\n")
    }
}

extension ReportTable.Cell {
    fileprivate var readable: String {
        switch self {
        case .money(let money): String(money.readable.dropLast(4))
        case .integer(let value): grouped(Int(value))
        case .decimal(let value, let decimals): scaledText(value, decimals).replacing("-", with: "\u{2212}")
        case .text(let text): text.replacing("\n", with: " ").printable
        default: plain
        }
    }
}

/// 1523 with two decimals is 15.23.
func scaledText(_ value: Int64, _ decimals: Int) -> String {
    guard decimals > 0 else { return String(value) }
    let digits = String(value.magnitude), padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return "\(value < 0 ? "-" : "")\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
}

func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case _ where scalar.value < 0x20: result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

extension String {
    fileprivate var trimmingEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}
