import Domain
import Testing

/// What a settlement takes from the parts of an item: 100 open, of which 30 disputed (1), 20 deducted (2), 25 promised for the 20th (3),
/// 15 an instalment due on the 10th (4), so that nothing stands on 10.
@Suite struct SliceTests {
    private static let slices = [
        Slice(id: 1, kind: .dispute, dueOn: nil, open: 30), Slice(id: 2, kind: .deduction, dueOn: nil, open: 20),
        Slice(id: 3, kind: .promise, dueOn: Day("2026-03-20"), open: 25),
        Slice(id: 4, kind: .instalment, dueOn: Day("2026-03-10"), open: 15),
    ]

    @Test(
        arguments: [
            (.cash, 10, [4: 10]), (.cash, 15, [4: 15]), (.cash, 16, [4: 15, 3: 1]), (.cash, 40, [4: 15, 3: 25]),
            (.cash, 50, [4: 15, 3: 25]),
            (.cash, 51, [4: 15, 3: 25, 2: 1]), (.cash, 75, [4: 15, 3: 25, 2: 20, 1: 5]), (.cash, 100, [4: 15, 3: 25, 2: 20, 1: 30]),
            (.credit, 30, [1: 30]), (.credit, 50, [1: 30, 2: 20]), (.credit, 60, [1: 30, 2: 20]), (.credit, 61, [1: 30, 2: 20, 3: 1]),
            (.credit, 90, [1: 30, 2: 20, 3: 25, 4: 5]), (.writeOff(slice: 2), 20, [2: 20]), (.writeOff(slice: 2), 5, [2: 5]),
            (.writeOff(slice: nil), 10, [:]),
        ] as [(Settlement, Int64, [Int64: Int64])])
    func eachSettlementHasItsOrder(settlement: Settlement, amount: Int64, expected: [Int64: Int64]) {
        let parts = taken(by: settlement, amount, from: Self.slices, open: 100)
        #expect(Dictionary(uniqueKeysWithValues: parts.map { ($0.slice, $0.amount) }) == expected)
    }

    /// Whatever is paid: no part gives more than it has, and nothing that nobody disputes stays while a dispute is paid by cash.
    @Test(arguments: 0..<500) func nothingIsTakenTwice(seed: Int) {
        var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1
        func pick(_ bound: Int64) -> Int64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int64(state >> 33) % bound
        }
        let slices = (1...(1 + pick(6))).map { id -> Slice in
            let kind = Slice.Kind.allCases[Int(pick(4))]
            return Slice(id: id, kind: kind, dueOn: kind.hasDay ? Day(number: Int(20_000 + pick(30))) : nil, open: pick(50))
        }
        let sum = slices.reduce(0) { $0 + $1.open }, open = sum + 1 + pick(40), amount = 1 + pick(open)
        let parts = taken(by: .cash, amount, from: slices, open: open), total = parts.reduce(0) { $0 + $1.amount }
        for part in parts { #expect(part.amount > 0 && part.amount <= slices[Int(part.slice) - 1].open) }
        #expect(Set(parts.map(\.slice)).count == parts.count)
        #expect(amount - total <= open - sum)
        let agreed = slices.filter(\.kind.hasDay).reduce(0) { $0 + $1.open },
            disputed = parts.filter { !slices[Int($0.slice) - 1].kind.hasDay }
        #expect(disputed.reduce(0) { $0 + $1.amount } == max(0, amount - agreed - (open - sum)))
    }
}
