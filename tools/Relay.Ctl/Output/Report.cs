using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Contract;
using Spectre.Console;

namespace Relay.Ctl.Output;

/// <summary>Writes results: tables for people, or the API's JSON for programs.</summary>
internal sealed class Report
{
    // Never cut by a width where there is no terminal: what reads it is a program, or a file.
    private const int UnboundWidth = 4096;

    // The default escapes all that is not ASCII, and with it everything that a terminal could take for a command.
    private static readonly JsonWriterOptions JsonFormat =
        new() { Indented = true, Encoder = JavaScriptEncoder.Default };

    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly bool _isTerminal;

    /// <param name="output">Where results go.</param>
    /// <param name="error">Where what is beside them goes.</param>
    /// <param name="isTerminal">Whether <paramref name="output"/> is a terminal.</param>
    /// <param name="isJson">Whether JSON is wanted.</param>
    public Report(TextWriter output, TextWriter error, bool isTerminal, bool isJson)
    {
        (_output, _error, _isTerminal) = (output, error, isTerminal);
        IsJson = isJson;
        Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
    }

    /// <summary>Whether JSON is wanted.</summary>
    public bool IsJson { get; }

    /// <summary>Whether bars can move.</summary>
    public bool IsInteractive => _isTerminal && !IsJson;

    /// <summary>The terminal, for what moves.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Writes one thing: as JSON, or as its facts.</summary>
    public void Write<T>(T value, JsonTypeInfo<T> type, Func<T, IEnumerable<(string Label, string Value)>> facts)
    {
        if (IsJson)
        {
            WriteJson(value, type);
            return;
        }
        var grid = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn("");
        grid.Columns[0].NoWrap();
        foreach (var (label, text) in facts(value))
            grid.AddRow(new Text(label, new Style(decoration: Decoration.Dim)),
                new Text(text.Length == 0 ? "-" : SafeText.Of(text)));
        WriteTable(grid);
    }

    /// <summary>Writes a list: as JSON with all its items, or as a table, or in words that there is none.</summary>
    public void WriteList<T>(
        IReadOnlyList<T> items, bool hasMore, JsonTypeInfo<Page<T>> type, string none,
        IReadOnlyList<TableColumn<T>> columns)
    {
        if (IsJson)
        {
            WriteJson(new Page<T>(items, null), type);
            return;
        }
        if (items.Count == 0)
        {
            Say(none);
            return;
        }
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column.Name, new Style(decoration: Decoration.Bold)))
            {
                Alignment = column.IsNumber ? Justify.Right : Justify.Left,
                NoWrap = !column.MayWrap,
            });
        foreach (var item in items)
            table.AddRow(columns.Select(column => new Text(SafeText.Of(column.Value(item)))));
        WriteTable(table);
        if (hasMore)
            Say($"{Format.Count(items.Count)} shown, and there are more: give a larger --limit.");
    }

    private void WriteTable(Table table)
    {
        if (_isTerminal)
        {
            Console.Write(table);
            return;
        }
        using var text = new StringWriter();
        var plain = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        plain.Profile.Width = UnboundWidth;
        plain.Write(table);
        foreach (var line in text.ToString().TrimEnd().Split('\n'))
            _output.WriteLine(line.TrimEnd());
    }

    /// <summary>Writes JSON.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, JsonFormat))
            JsonSerializer.Serialize(writer, value, type);
        _output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <summary>Writes one JSON value in a line.</summary>
    public void WriteJsonLine<T>(T value, JsonTypeInfo<T> type) =>
        _output.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>Writes a line of the result.</summary>
    public void WriteLine(string line) => _output.WriteLine(SafeText.Of(line));

    /// <summary>Writes a text as it is; on a terminal, line by line and without what a terminal would obey.</summary>
    public void WriteText(byte[] utf8)
    {
        var text = System.Text.Encoding.UTF8.GetString(utf8);
        if (!_isTerminal)
            _output.Write(text);
        else
            foreach (var line in text.TrimEnd('\n').Split('\n'))
                WriteLine(line);
    }

    /// <summary>
    /// Writes lines whose blocks are dark and whose ground is light: on a terminal by colours of their own, which themes leave alone
    /// (the last 240 of 256), since cameras do not read the reverse.
    /// </summary>
    public void WriteDarkOnLight(string lines)
    {
        foreach (var line in lines.TrimEnd('\n').Split('\n'))
            _output.WriteLine(_isTerminal ? $"\u001b[38;5;16;48;5;231m{SafeText.Of(line)}\u001b[0m" : SafeText.Of(line));
    }

    /// <summary>Says something beside the result: not part of what a program reads.</summary>
    public void Say(string line) => _error.WriteLine(SafeText.Of(line));
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its head.</param>
/// <param name="Value">What it says of an item.</param>
/// <param name="IsNumber">Whether it is aligned to the right.</param>
/// <param name="MayWrap">Whether it gives way where a terminal is narrow.</param>
internal sealed record TableColumn<T>(string Name, Func<T, string> Value, bool IsNumber = false, bool MayWrap = false);
