import Domain
import Testing

@testable import Operations
@testable import Web

/// Where a page begins in a list that is sorted in memory.
@Suite struct PagePlaceTests {
    private func rows(_ names: [String], after: String?) -> (shown: [String], next: String?) {
        let reader = DeskReader(entityName: "E", userName: "kim", role: "viewer", csrf: "", today: Day("2026-02-25")!)
        let asked = DeskQuestion(ID(1), reader, path: "/", values: after.map { [("after", $0)] } ?? [], memory: DeskMemory())
        let (shown, next) = asked.rows(of: names.count) { names[$0] }
        return (Array(names[shown]), next)
    }

    private let names = (0..<120).map { "C\($0)" }

    @Test func eachRowIsShownOnce() {
        var shown: [String] = [], after: String?
        repeat {
            let page = rows(names, after: after)
            shown += page.shown
            after = page.next
        } while after != nil && shown.count < 500
        #expect(shown == names)
    }

    /// Somebody paid while the first page was read: the second goes on behind its last row.
    @Test func aPageGoesOnBehindTheLastRowWhereverThatStandsNow() {
        let next = rows(names, after: nil).next
        #expect(next == "50~C49")
        #expect(rows(Array(names.dropFirst(3)), after: next).shown.first == "C50")
        #expect(rows(["D1", "D2"] + names, after: next).shown.first == "C50")
        #expect(rows(names.filter { $0 != "C49" }, after: next).shown.first == "C51", "where that is gone the number counts")
    }

    @Test func behindTheLastPageStandsTheLast() {
        for after in ["119~C118", "120", "950", "950~X"] { #expect(rows(names, after: after).shown.last == "C119", "\(after)") }
        #expect(rows([], after: "50~C49").shown == [] && rows(names, after: "-7~x").shown.first == "C0")
    }
}
