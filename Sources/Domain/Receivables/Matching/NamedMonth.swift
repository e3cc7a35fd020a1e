/// A month that a payer's words name: `July 2025`, `07/2025`, `Februar`.
package struct NamedMonth: Hashable, Sendable {
    private let month: Int
    /// nil where the words name none.
    private let year: Int?

    package func isIn(_ day: Day) -> Bool {
        let parts = day.parts
        return parts.month == month && (year.map { $0 == parts.year } ?? true)
    }

    /// - Returns: The one month that a text names; nil when it names none, or several.
    package init?(in text: String) {
        let ascii = text.utf8.contains { $0 >= 0x80 } ? latin(text, .plain) : text
        let read = ReferenceText(ascii, keepsJoints: true)
        var only: NamedMonth?
        for run in 0..<(read.runs.count - 1) {
            guard let found = NamedMonth(read, run) else { continue }
            guard only == nil || only == found else { return nil }
            only = found
        }
        guard let only else { return nil }
        self = only
    }

    private init?(_ text: ReferenceText, _ run: Int) {
        if let (month, year) = text.monthAndYear(run) {
            (self.month, self.year) = (month, year)
            return
        }
        guard let month = Self.name(text, run) else { return nil }
        // `Juni/Juli 2025`: the year is that of both.
        let year = text.year(run + 1) ?? (Self.name(text, run + 1) == nil ? nil : text.year(run + 2))
        // `May`, `August` and `Mars` are names too: without a year a short word is no month.
        guard year != nil || text.runs[run + 1] - text.runs[run] >= 7 else { return nil }
        (self.month, self.year) = (month, year)
    }

    /// The month that a run is the name of, or short for.
    private static func name(_ text: ReferenceText, _ run: Int) -> Int? {
        guard run < text.runs.count - 1 else { return nil }
        let word = text.bytes[text.runs[run]..<text.runs[run + 1]]
        guard (3...12).contains(word.count), word.allSatisfy({ $0 >= 58 }) else { return nil }
        var hash = KeyHash(0)
        hash.add(word)
        return monthNames[hash.key]
    }
}

private let monthNames: [UInt64: Int] = {
    let names = [
        "JAN JANUAR JANUARY JANVIER ENERO GENNAIO JANUARI STYCZEN LEDEN",
        "FEB FEBRUAR FEBRUARY FEVRIER FEBRERO FEBBRAIO FEBRUARI LUTY UNOR",
        "MAR MRZ MARZ MAERZ MARCH MARS MARZO MAART MARZEC BREZEN", "APR APRIL AVRIL ABRIL APRILE KWIECIEN DUBEN",
        "MAI MAY MAYO MAGGIO MEI MAJ KVETEN", "JUN JUNI JUNE JUIN JUNIO GIUGNO CZERWIEC CERVEN",
        "JUL JULI JULY JUILLET JULIO LUGLIO LIPIEC CERVENEC", "AUG AUGUST AOUT AGOSTO AUGUSTUS AUGUSTI SIERPIEN SRPEN",
        "SEP SEPT SEPTEMBER SEPTEMBRE SEPTIEMBRE SETTEMBRE WRZESIEN ZARI",
        "OKT OCT OKTOBER OCTOBER OCTOBRE OCTUBRE OTTOBRE PAZDZIERNIK RIJEN",
        "NOV NOVEMBER NOVEMBRE NOVIEMBRE LISTOPAD", "DEZ DEC DEZEMBER DECEMBER DECEMBRE DICIEMBRE DICEMBRE GRUDZIEN PROSINEC",
    ]
    var months: [UInt64: Int] = [:]
    for (at, words) in names.enumerated() {
        for word in words.split(separator: " ") {
            var hash = KeyHash(0)
            hash.add(word.utf8)
            months[hash.key] = at + 1
        }
    }
    return months
}()
