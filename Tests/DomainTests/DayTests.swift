import Domain
import Testing

@Suite struct DayTests {
    @Test func roundTripsEveryDayOfFourCenturies() {
        for number in -30_000...116_000 {
            let day = Day(number: number)
            if Day(day.iso8601) != day { Issue.record("\(number) \(day.iso8601)") }
        }
    }

    @Test(arguments: [
        "2026-02-30", "2026-2-03", "20260203", "2026-13-01", "0000-01-01", "２０２６-01-01", "2026-01-01Z", "2026-01-00", "2026/01/01", "",
    ])
    func refuses(text: String) { #expect(Day(text) == nil) }

    @Test func knownDays() {
        #expect(Day("1970-01-01")?.number == 0)
        #expect(Day("2000-02-29")?.number == 11_016)
        #expect(Day("1900-02-29") == nil)
        #expect(Day("1970-01-01")?.weekday == .thursday)
        #expect(Day("1969-12-28")?.weekday == .sunday)
        #expect(Day("2026-03-01")! - Day("2026-02-28")! == 1)
        #expect(Day("2028-02-10")!.endOfMonth.iso8601 == "2028-02-29")
    }

    /// The 31st never slides to the 28th for good.
    @Test(arguments: 28...31) func theAnchorReturnsForFortyEightMonths(anchor: Int) {
        let start = Day(year: 2026, month: 1, day: anchor)!
        var day = start
        for months in 1...48 {
            day = day.adding(months: 1, anchor: anchor)
            let (year, month, inMonth) = day.parts
            #expect(inMonth == min(anchor, Day.length(ofMonth: month, year: year)))
            #expect(day == start.adding(months: months, anchor: anchor))
        }
    }

    @Test func theLeapDayReturns() {
        let days = (0...12).map { Day("2024-02-29")!.adding(months: 12 * $0, anchor: 29).iso8601 }
        #expect(days.filter { $0.hasSuffix("-02-29") } == ["2024-02-29", "2028-02-29", "2032-02-29", "2036-02-29"])
        #expect(Set(days.map { $0.prefix(4) }).count == 13)
    }

    @Test func businessDaysSkipWeekendsAndHolidays() {
        let friday = Day("2026-12-24")! + 1
        #expect(friday.weekday == .friday)
        #expect(friday.adding(businessDays: 1).iso8601 == "2026-12-28")
        #expect(friday.adding(businessDays: 1, holidays: [Day("2026-12-28")!]).iso8601 == "2026-12-29")
        #expect(friday.adding(businessDays: 0) == friday)
    }
}
