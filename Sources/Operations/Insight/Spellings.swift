/// Words as they may stand in a column of small letters: an engine may know the cases of ASCII letters alone.
///
/// - Returns: In small letters; where there are letters beyond ASCII, these also as they are typed, as they stand in names that begin with a
///   capital, and in capitals. In the order of their bytes, none the beginning of another.
func spellings(of text: String) -> [String] {
    let small = text.lowercased()
    guard !text.utf8.allSatisfy({ $0 < 128 }) else { return [small] }
    var name = "", isStart = true
    for character in small {
        name += isStart ? character.uppercased() : String(character)
        isStart = !character.isLetter
    }
    let all = [small] + [text, name, text.uppercased()].map { String($0.map { $0.isASCII ? Character($0.lowercased()) : $0 }) }
    return Set(all).filter { one in !all.contains { $0 != one && one.utf8.starts(with: $0.utf8) } }.sorted {
        $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
}
