import Domain

/// One segment of an X12 or EDIFACT message: its tag and its elements, each of one or more components.
struct EDISegment {
    let tag: String
    /// `elements[0]` is the first behind the tag.
    let elements: [[Cited<String>]]
    let at: Citation

    /// Element and component counted from 1, as the standards do; nil when absent or empty.
    func value(_ element: Int, _ component: Int = 1) -> Cited<String>? {
        guard element >= 1, element <= elements.count, component >= 1, component <= elements[element - 1].count else { return nil }
        let found = elements[element - 1][component - 1]
        return found.value.isEmpty ? nil : found
    }

    func text(_ element: Int, _ component: Int = 1) -> String { value(element, component)?.value ?? "" }
}

/// The marks of one interchange.
struct EDISyntax {
    var element: Character
    var component: Character
    var terminators: Set<Character>
    /// Takes the next mark as text; EDIFACT only.
    var release: Character?
    /// nil where no UNA tells: comma and point are both in use.
    var decimal: Character?

    static let edifact = EDISyntax(element: "+", component: ":", terminators: ["'"], release: "?")
}

enum EDIKind { case x12, edifact }

/// Splits an interchange into segments, whatever its marks, indentation and line ends.
struct EDISegments {
    let kind: EDIKind
    /// Of the interchange read last: one file may hold several, each with marks of its own.
    private(set) var syntax: EDISyntax
    private let text: PlacedText
    private let path: String
    private var at: Int

    private static let elementBound = 1_000

    /// - Errors: `FileFault` where the interchange does not start with ISA, UNA or UNB, or its marks cannot be told.
    init(_ text: PlacedText, path: String) throws(FileFault) {
        (self.text, self.path) = (text, path)
        let all = text.characters
        let start = all.firstIndex { !$0.isWhitespace } ?? all.count
        func starts(_ word: String) -> Bool { all[start...].starts(with: word) }
        func fault(_ what: String) -> FileFault { FileFault(path: path, line: text.citation(start..<start).line, what) }
        if starts("ISA") {
            guard let read = Self.x12(all, start) else {
                throw fault("the interchange header (ISA) has no 16 elements with marks behind them: is the file cut off?")
            }
            (kind, syntax, at) = (.x12, read, start)
        } else if starts("UNA"), all.count >= start + 9 {
            let marks = Array(all[(start + 3)..<(start + 9)])
            guard Set(marks.filter { $0 != " " }).count >= 4, marks.allSatisfy({ !$0.isLetter && !$0.isNumber }) else {
                throw fault("the marks of UNA are not distinct: \(String(marks))")
            }
            (kind, at) = (.edifact, start + 9)
            syntax = EDISyntax(
                element: marks[1], component: marks[0], terminators: [marks[5]], release: marks[3] == " " ? nil : marks[3],
                decimal: marks[2])
        } else if starts("UNB") {
            (kind, syntax, at) = (.edifact, .edifact, start)
        } else {
            throw fault("starts neither with ISA (X12) nor with UNA or UNB (EDIFACT)")
        }
    }

    /// Segments without an interchange around them, as addenda carry them.
    init(_ text: PlacedText, path: String, syntax: EDISyntax) {
        (self.text, self.path, self.syntax, kind, at) = (text, path, syntax, .x12, 0)
    }

    /// The element mark is the fourth character; behind the sixteenth of them stand component mark and terminator, however short
    /// the padded elements became.
    private static func x12(_ all: [Character], _ start: Int) -> EDISyntax? {
        guard all.count > start + 16 else { return nil }
        let mark = all[start + 3]
        guard !mark.isLetter, !mark.isNumber, !mark.isWhitespace else { return nil }
        var at = start + 3, count = 0
        while at < all.count, at < start + 400 {
            if all[at] == mark { count += 1 }
            if count == 16 { break }
            at += 1
        }
        guard count == 16, at + 2 < all.count else { return nil }
        let component = all[at + 1], terminator = all[at + 2]
        guard component != mark, terminator != mark, !terminator.isLetter, !terminator.isNumber, terminator != " " else { return nil }
        return EDISyntax(element: mark, component: component, terminators: [terminator], release: nil)
    }

    /// - Returns: nil at the end. What is left behind the last terminator counts as a segment.
    /// - Errors: `FileFault` for a segment of more than 1,000 elements or whose tag is no two or three letters and digits.
    mutating func next() throws(FileFault) -> EDISegment? {
        let all = text.characters
        while at < all.count, all[at].isWhitespace || syntax.terminators.contains(all[at]) { at += 1 }
        guard at < all.count else { return nil }
        let start = at
        if kind == .x12, all[at...].starts(with: "ISA"), let read = Self.x12(all, at) { syntax = read }
        var elements: [[Cited<String>]] = [[]], value = "", from = at, end = at
        func close(_ element: inout [Cited<String>]) {
            element.append(Cited(value.trimmed, text.citation(from..<max(from, end))))
            value = ""
        }
        while at < all.count, !syntax.terminators.contains(all[at]) {
            let character = all[at]
            if let release = syntax.release, character == release, at + 1 < all.count {
                value.append(all[at + 1])
                at += 2
                end = at
                continue
            }
            at += 1
            if character == syntax.element || character == syntax.component,
                !(elements.count == 17 && kind == .x12 && elements[0].first?.value == "ISA")
            {
                close(&elements[elements.count - 1])
                if character == syntax.element { elements.append([]) }
                (from, end) = (at, at)
                guard elements.count <= Self.elementBound else {
                    throw FileFault(
                        path: path, line: text.citation(start..<start).line, "a segment of more than 1,000 elements: are its marks right?")
                }
            } else if !character.isNewline {
                value.append(character)
                end = at
            }
        }
        close(&elements[elements.count - 1])
        let place = text.citation(start..<at)
        let tag = elements.removeFirst().first?.value ?? ""
        guard (2...3).contains(tag.count), tag.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
            throw FileFault(path: path, line: place.line, "is no segment: \(String(all[start..<min(at, start + 40)]))")
        }
        return EDISegment(tag: tag, elements: elements, at: place)
    }
}
