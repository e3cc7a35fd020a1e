/// A text told apart byte by byte, as the database does: one letter may be written in two ways, which a `String` takes for one.
package struct ExactText: Hashable, Sendable {
    package let text: String
    package init(_ text: String) { self.text = text }

    package static func == (one: Self, other: Self) -> Bool { one.text == other.text && one.text.utf8.elementsEqual(other.text.utf8) }
    /// The text alone tells most of them apart.
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension Dictionary where Key == ExactText {
    package subscript(text: String) -> Value? {
        get { self[ExactText(text)] }
        set { self[ExactText(text)] = newValue }
    }
}

extension Sequence<String> {
    /// Each once, in the order they came.
    package var distinct: [String] {
        var seen: Set<ExactText> = []
        return filter { seen.insert(ExactText($0)).inserted }
    }
}
