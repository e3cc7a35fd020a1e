import Domain

/// Bars from zero, one a label; drawn on the server, with the table of its figures behind it.
struct BarChart: Sendable {
    struct Bar: Sendable {
        let label: String
        let value: Int64
        /// As the reader sees it.
        let text: String
        /// How far from good: 0…4 chooses the fill.
        let shade: Int
        let to: String?
    }
    let title: String
    let bars: [Bar]

    private static let width = 480, rowHeight = 28, labelWidth = 76, valueWidth = 118

    var html: HTML {
        let most = max(bars.map { abs($0.value) }.max() ?? 0, 1), height = bars.count * Self.rowHeight
        return """
            <figure class="chart"><svg viewBox="0 0 \(Self.width) \(height)" \
            role="img" aria-label="\(title): \(bars.map { "\($0.label) \($0.text)" }.joined(separator: ", "))">
            \(bars.enumerated().map { row($1, at: $0, most: most) })</svg></figure>
            """
    }

    private func row(_ bar: Bar, at: Int, most: Int64) -> HTML {
        let room = Self.width - Self.labelWidth - Self.valueWidth, y = at * Self.rowHeight
        let length = max(Int(Int128(abs(bar.value)) * Int128(room) / Int128(most)), bar.value == 0 ? 0 : 2)
        return """
            <text class="c-label" x="\(Self.labelWidth - 10)" y="\(y + 19)" text-anchor="end">\(bar.label)</text>\
            <rect class="c-track" x="\(Self.labelWidth)" y="\(y + 7)" width="\(room)" height="16" rx="3"/>\
            <rect class="c-bar s\(bar.shade)" x="\(Self.labelWidth)" y="\(y + 7)" width="\(length)" height="16" rx="3"/>\
            <text class="c-value" x="\(Self.width)" y="\(y + 19)" text-anchor="end">\(bar.text)</text>
            """
    }
}

/// Figures over time as lines; drawn on the server, with the table of its figures behind it.
struct LineChart: Sendable {
    struct Series: Sendable {
        let name: String
        /// One a day of the chart, nil where there is none.
        let values: [Int64?]
    }
    let title: String
    let days: [Day]
    let series: [Series]
    /// Decimals of the values.
    let decimals: Int
    let unit: String

    private static let width = 480, height = 220, left = 36, right = 10, top = 10, bottom = 26

    var html: HTML {
        let all = series.flatMap { $0.values.compactMap { $0 } }
        guard days.count > 1, let most = all.max(), let least = all.min() else {
            return Empty("No course yet", "The day run records this figure; two days make a line.").html
        }
        let step = tick(most - min(least, 0)), floor = least < 0 ? (least - step + 1) / step * step : 0
        let ceiling = max((most + step - 1) / step * step, floor + step)
        return """
            <figure class="chart"><figcaption class="legend">\
            \(series.enumerated().map { "<span class=\"k\($0)\">\($1.name)</span>" as HTML })</figcaption>
            <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-label="\(title), \(summary)">
            \(stride(from: floor, through: ceiling, by: Int(step)).map { gridLine($0, floor, ceiling) })\(dayLabels)
            \(series.enumerated().map { "<path class=\"c-line l\($0)\" d=\"\(path($1, floor, ceiling))\"/>" as HTML })</svg>
            <details><summary>Table of these figures</summary>\(table)</details></figure>
            """
    }

    private var summary: String {
        series.map { one in
            "\(one.name) \(one.values.last.flatMap { $0 }.map { "\(decimalText($0, decimals, shown: 1)) \(unit)" } ?? "none") at the end"
        }
        .joined(separator: ", ")
    }

    /// A round step that gives about four grid lines.
    private func tick(_ span: Int64) -> Int64 {
        var step: Int64 = 1, factors = 0
        while step * 5 < span {
            step = factors % 3 == 1 ? step / 2 * 5 : step * 2  // 1, 2, 5, 10, 20, 50 …
            factors += 1
        }
        return step
    }

    private func x(_ at: Int) -> Int { Self.left + at * (Self.width - Self.left - Self.right) / max(days.count - 1, 1) }
    private func y(_ value: Int64, _ floor: Int64, _ ceiling: Int64) -> Int {
        let room = Self.height - Self.top - Self.bottom
        return Self.top + room - Int(Int128(value - floor) * Int128(room) / Int128(ceiling - floor))
    }

    private func gridLine(_ value: Int64, _ floor: Int64, _ ceiling: Int64) -> HTML {
        let y = y(value, floor, ceiling)
        return """
            <line class="c-grid" x1="\(Self.left)" y1="\(y)" x2="\(Self.width - Self.right)" y2="\(y)"/>\
            <text class="c-tick" x="\(Self.left - 8)" y="\(y + 4)" text-anchor="end">\(decimalText(value, decimals, shown: 0))</text>
            """
    }

    private var dayLabels: HTML {
        let marks = Set([0, days.count / 2, days.count - 1]).sorted()
        return
            """
            \(marks.map { at in "<text class=\"c-tick\" x=\"\(x(at))\" y=\"\(Self.height - 6)\" text-anchor=\"\(at == 0 ? "start" : at == days.count - 1 ? "end" : "middle")\">\(days[at].words)</text>" as HTML })
            """
    }

    private func path(_ one: Series, _ floor: Int64, _ ceiling: Int64) -> String {
        var path = "", isDown = false
        for (at, value) in one.values.enumerated() {
            guard let value else {
                isDown = false
                continue
            }
            path += "\(isDown ? "L" : "M")\(x(at)) \(y(value, floor, ceiling))"
            isDown = true
        }
        return path
    }

    private var table: HTML {
        var table = DataTable(title, [.text("Day")] + series.map { .number($0.name) })
        table.rows = days.enumerated().reversed().map { at, day in
            [.day(day)] + series.map { $0.values[at].map { .decimal($0, decimals: decimals) } ?? .none }
        }
        return table.html
    }
}
