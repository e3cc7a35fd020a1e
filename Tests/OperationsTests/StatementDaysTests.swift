import Domain
import Operations
import Testing

/// Through which day an account is known is what its statements say of days that have passed.
@Suite struct StatementDaysTests {
    private func days(_ entries: [BankEntry]) -> StatementDays {
        var days = StatementDays(today: "2026-02-20")
        for entry in entries { days.add(entry) }
        return days
    }

    @Test func theLastDayCounts() {
        let days = days([.credit(1_00, on: "2026-02-09"), .credit(1_00, on: "2026-02-11")])
        #expect(days.throughOn(createdOn: "2026-02-12") == "2026-02-12" && days.throughOn(createdOn: nil) == "2026-02-11")
        #expect(days.fromOn == "2026-02-09" && days.findings(createdOn: "2026-02-12") == [])
        #expect(self.days([]).throughOn(createdOn: nil) == nil && self.days([]).findings(createdOn: nil) == [])
    }

    @Test(arguments: ["2027-02-10", "9999-12-31"] as [Day])
    func aDayToComeIsToldAndMakesNothingKnown(wrong: Day) {
        let days = days([.credit(1_00, on: "2026-02-09"), .credit(2_00, on: wrong), .credit(3_00, on: wrong, status: .pending)])
        #expect(days.throughOn(createdOn: "2026-02-10") == "2026-02-10" && days.throughOn(createdOn: wrong) == "2026-02-09")
        #expect(
            days.findings(createdOn: "2026-02-10").map(\.message) == [
                "entries booked after today: 1, the last on \(wrong.iso8601): the account is not taken as known through such a day; "
                    + "compare them by hand"
            ])
        #expect(days.findings(createdOn: wrong).first?.message.hasPrefix("the statement is of \(wrong.iso8601), after today") == true)
    }

    @Test func aDayLongBeforeTheOthersIsTold() {
        let days = days([.credit(1_00, on: "2006-02-09"), .credit(1_00, on: "2026-02-09"), .credit(1_00, on: "2025-02-10")])
        #expect(
            days.findings(createdOn: "2026-02-10").map(\.message) == [
                "entries booked more than a year before the statement's last: 1, the first on 2006-02-09: compare them by hand"
            ])
    }
}
