using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace SseScaling.Tests.Application;

/// <summary>The tokens that the shop takes, of a key that lives as long as the process.</summary>
public static class Tokens
{
    private static readonly SymmetricSecurityKey Key = new(RandomNumberGenerator.GetBytes(32));

    internal static TokenValidationParameters Validation { get; } = new()
    {
        IssuerSigningKey = Key,
        ValidIssuer = "shop",
        ValidAudience = "shop",
        ClockSkew = TimeSpan.Zero,
    };

    /// <summary>A token of a customer, or of a clerk.</summary>
    public static string For(string user, string? role = null) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = true }.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = "shop",
        Audience = "shop",
        Claims = new Dictionary<string, object> { ["sub"] = user, ["role"] = role ?? "customer" },
        SigningCredentials = new SigningCredentials(Key, SecurityAlgorithms.HmacSha256),
    });
}
