using System.Text.Json;
using Spectre.Console;

namespace Relay.Load.Report;

/// <summary>Writes the figures to standard output.</summary>
internal static class ResultWriter
{
    public static void Write(ResultTable table, bool json)
    {
        if (json)
            WriteJson(table);
        else
            WriteTable(table);
    }

    /// <summary>One object, one key a figure; <c>mode</c> comes first.</summary>
    private static void WriteJson(ResultTable table)
    {
        using var output = Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("mode", table.Mode);
            foreach (var row in table.Rows)
                WriteValue(writer, row);
            writer.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    private static void WriteValue(Utf8JsonWriter writer, in ResultRow row)
    {
        switch (row.Value)
        {
            case long number:
                writer.WriteNumber(row.Key, number);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumber(row.Key, number);
                break;
            case bool flag:
                writer.WriteBoolean(row.Key, flag);
                break;
            case string text:
                writer.WriteString(row.Key, text);
                break;
            default:
                writer.WriteNull(row.Key);
                break;
        }
    }

    private static void WriteTable(ResultTable table)
    {
        var grid = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn("");
        foreach (var row in table.Rows)
            grid.AddRow(new Markup($"[grey]{Markup.Escape(row.Label)}[/]"), new Text(row.Text));
        AnsiConsole.Write(grid);
    }
}
