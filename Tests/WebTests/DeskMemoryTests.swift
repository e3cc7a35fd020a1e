import Domain
import Operations
import Store
import TestSupport
import Testing

@testable import Web

/// What the desk keeps between requests.
@Suite struct DeskMemoryTests {
    private final class Counter {
        private(set) var count = 0
        func next() -> Int {
            count += 1
            return count
        }
    }

    @Test func whatIsAskedForStaysWhenThereIsNoRoomForAnother() async throws {
        let server = try await DeskServer.open(.sqlite), memory = DeskMemory(), day = Day("2026-02-25")!
        try await server.database.read { tx in
            let often = Counter(), once = Counter()
            func ask(_ what: String, _ counter: Counter) throws -> Int {
                try memory.value(what, ID(1), on: day, in: tx) { counter.next() }
            }
            for number in 0..<3 * DeskMemory.limit {
                _ = try ask("often", often)
                _ = try ask("once \(number)", once)
            }
            #expect(often.count == 1)
            _ = try ask("once \(3 * DeskMemory.limit - 1)", once)
            #expect(once.count == 3 * DeskMemory.limit, "the latest ones are there still")
            _ = try ask("once 0", once)
            #expect(once.count == 3 * DeskMemory.limit + 1, "the first one went")
        }
    }
}
