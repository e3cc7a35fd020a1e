/// A calendar date without a time zone, as invoices and value dates carry it.
///
/// - Units: `number` counts days since 1970-01-01, so `a.number - b.number` is whole days.
/// - Shape: text is ISO 8601 `YYYY-MM-DD`, years 0001–9999; text order is date order in Swift and in both engines.
/// - Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
package struct Day: Hashable, Sendable, Comparable {
    package let number: Int

    package init(number: Int) { self.number = number }

    /// - Returns: nil for anything but a real Gregorian date in that exact shape.
    @specialized(where Text == String)
    @specialized(where Text == Substring)
    package init?<Text: StringProtocol>(_ iso8601: Text) {
        var digits: (Int, Int, Int) = (0, 0, 0), at = 0
        for byte in iso8601.utf8 {
            switch at {
            case 4, 7: guard byte == UInt8(ascii: "-") else { return nil }
            default:
                guard at < 10, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                let digit = Int(byte - UInt8(ascii: "0"))
                if at < 4 {
                    digits.0 = digits.0 * 10 + digit
                } else if at < 7 {
                    digits.1 = digits.1 * 10 + digit
                } else {
                    digits.2 = digits.2 * 10 + digit
                }
            }
            at += 1
        }
        guard at == 10 else { return nil }
        self.init(year: digits.0, month: digits.1, day: digits.2)
    }

    /// - Returns: nil unless that day exists in the Gregorian calendar, years 1–9999.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Day.length(ofMonth: month, year: year) else {
            return nil
        }
        let shifted = month > 2 ? year : year - 1  // years start in March, so that leap days come last
        let era = shifted / 400, yearOfEra = shifted % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    package var parts: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097, dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    package var iso8601: String {
        let (year, month, day) = parts
        return String(unsafeUninitializedCapacity: 10) { buffer in
            func put(_ value: Int, at: Int, width: Int) {
                var rest = value
                for place in stride(from: at + width - 1, through: at, by: -1) {
                    buffer[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
            }
            put(year, at: 0, width: 4)
            put(month, at: 5, width: 2)
            put(day, at: 8, width: 2)
            (buffer[4], buffer[7]) = (UInt8(ascii: "-"), UInt8(ascii: "-"))
            return 10
        }
    }

    /// As people read it: `24 Nov 2026`.
    package var words: String {
        let (year, month, day) = parts
        return "\(day) \(Self.months[month - 1]) \(year)"
    }
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    package static func < (left: Day, right: Day) -> Bool { left.number < right.number }
    package static func + (day: Day, days: Int) -> Day { Day(number: day.number + days) }
    package static func - (left: Day, right: Day) -> Int { left.number - right.number }

    package static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Day {
    package enum Weekday: Int, Sendable { case monday = 0, tuesday, wednesday, thursday, friday, saturday, sunday }

    package var weekday: Weekday { Weekday(rawValue: ((number + 3) % 7 + 7) % 7)! }

    /// The same day `months` later, or that month's last day when it has none; `anchor` (1…31) is the day wanted, so a
    /// series that starts on the 31st returns to the 31st after February.
    package func adding(months: Int, anchor: Int) -> Day {
        precondition((1...31).contains(anchor))
        let (year, month, _) = parts
        let count = year * 12 + month - 1 + months
        let (toYear, toMonth) = (count / 12, count % 12 + 1)
        return Day(year: toYear, month: toMonth, day: min(anchor, Day.length(ofMonth: toMonth, year: toYear)))!
    }

    package var endOfMonth: Day {
        let (year, month, _) = parts
        return Day(year: year, month: month, day: Day.length(ofMonth: month, year: year))!
    }

    /// The `count`-th business day after this one; Saturdays, Sundays and `holidays` do not count.
    package func adding(businessDays count: Int, holidays: Set<Day> = []) -> Day {
        precondition(count >= 0)
        var day = self, left = count
        while left > 0 {
            day = day + 1
            if day.isBusinessDay(holidays: holidays) { left -= 1 }
        }
        return day
    }

    package func isBusinessDay(holidays: Set<Day> = []) -> Bool {
        weekday != .saturday && weekday != .sunday && !holidays.contains(self)
    }
}
