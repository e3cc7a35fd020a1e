extension ReferenceText {
    private static let links = WordSet("UND AND ET EN OG OCH"), ranges = WordSet("BIS TO THRU TOT AU")
    /// The longest range that is written out.
    private static let rangeLimit = 60

    /// Calls `body` with numbers that are written short behind a whole one, since only their last digits differ: `RE-4711/12`, `4711, 15
    /// und 18`, `4711-15`.
    ///
    /// - Parameters:
    ///   - end: Where the whole one, which begins at `start`, ends.
    ///   - isTaken: Whether what begins there is a reference of its own: it may end a range and is no item of a list.
    func forEachContinuation(from start: Int, to end: Int, isTaken: (Int) -> Bool, _ body: (ArraySlice<UInt8>) -> Void) {
        guard var run = runs.firstIndex(of: end), runs.count > 1 else { return }
        var number = Array(bytes[start..<end])
        let digits = number.reversed().prefix { $0 < 58 }.count
        guard digits >= 3 else { return }
        while run < runs.count - 1 {
            var isRange = joints[run].isRange, isLinked = joints[run].isList || isRange
            if !isLinked, run + 2 < runs.count {
                let word = bytes[runs[run]..<runs[run + 1]]
                isRange = Self.ranges.contains(word)
                isLinked = isRange || Self.links.contains(word) || word.elementsEqual([85]) || word.elementsEqual([69])
                if isLinked { run += 1 }
            }
            let piece = bytes[runs[run]..<runs[run + 1]]
            guard isLinked, (2...min(digits, 6)).contains(piece.count), piece.allSatisfy({ $0 < 58 }), isRange || !isTaken(runs[run]),
                !plain.cover(Stretch(start: runs[run], end: runs[run + 1], digits: piece.count, lettersFrom: runs[run]))
            else { return }
            let tail = number.count - piece.count
            if isRange {
                let first = value(of: number[tail...]), last = value(of: piece)
                guard last > first, last - first <= Self.rangeLimit else { return }
                for step in (first + 1)...last {
                    write(step, into: &number, from: tail)
                    body(number[...])
                }
            } else {
                number.replaceSubrange(tail..., with: piece)
                body(number[...])
            }
            run += 1
        }
    }

    private func value(of digits: ArraySlice<UInt8>) -> Int { digits.reduce(0) { $0 * 10 + Int($1 - 48) } }

    private func write(_ value: Int, into number: inout [UInt8], from tail: Int) {
        var rest = value
        for at in (tail..<number.count).reversed() {
            number[at] = UInt8(48 + rest % 10)
            rest /= 10
        }
    }
}
