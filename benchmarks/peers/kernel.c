/* A lower bound: the reference model as one fused C loop.
 *
 * Eight lanes of xoshiro256+, inverse distribution functions as octave-graded linear tables, the
 * model, a histogram of the logarithm, X'X, first-order sums over 64 equal slices and streaming
 * Spearman scores, in one pass. Tables and scores are made beforehand (kernel.py) and not timed.
 *
 *     kernel N THREADS LEVEL TABLES SCORES [-v]
 *
 * LEVEL: 0 uniforms, 1 + tables and model, 2 + histogram, 3 + X'X, 4 + slices, 5 + Spearman. */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#define D 11
#define SB 7 /* 2^7 linear cells per octave of min(u,1-u) */
#define OCT 40
#define M (OCT << SB)
#ifndef C
#define C 512
#endif
#define NB 16384
#define B 64
#define L 8
static double tab[D][4 * M]; /* [side][cell]{intercept,slope}: y = a + b*min(u,1-u); cells graded by
                                octave so both tails are resolved to 2^-41 */
static double now(clockid_t c) {
    struct timespec t;
    clock_gettime(c, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}
typedef struct {
    uint64_t a[L], b[L], c[L], d[L];
} rng_t;
static uint64_t sm(uint64_t *x) {
    uint64_t z = (*x += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}
static inline void fillu(rng_t *r, double *restrict u, int n) {
    rng_t q = *r;
    for (int i = 0; i < n; i += L) {
        uint64_t o[L];
        for (int l = 0; l < L; l++) {
            o[l] = q.a[l] + q.d[l];
            uint64_t t = q.b[l] << 17;
            q.c[l] ^= q.a[l];
            q.d[l] ^= q.b[l];
            q.b[l] ^= q.c[l];
            q.a[l] ^= q.d[l];
            q.c[l] ^= t;
            q.d[l] = (q.d[l] << 45) | (q.d[l] >> 19);
        }
        for (int l = 0; l < L; l++) {
            union {
                uint64_t i;
                double f;
            } v;
            v.i = (o[l] >> 12) | 0x3ff0000000000000ull;
            u[i + l] = v.f - 1.0;
        }
    }
    *r = q;
}
int main(int ac, char **av) {
    if (ac < 6) {
        puts("usage: fused N THREADS LEVEL TABLE SCORES [-v]");
        return 2;
    }
    long N = atof(av[1]);
    int T = atoi(av[2]);
    int lev = atoi(av[3]);
    omp_set_num_threads(T);
    FILE *f = fopen(av[4], "rb");
    if (!f || fread(tab, sizeof(double), D * 4 * M, f) != (size_t)D * 4 * M) {
        puts("no table");
        return 1;
    }
    fclose(f);
    static long H[2][NB];
    static double FT[2][NB], RU[D][2];
    static double G[13][13], S[D][2][B];
    static long Cn[D][B];
    double cpu = 0, cmax = 0, chk = 0;
    const double lo[2] = {log(1e2), log(1e8)}, hi[2] = {log(1e7), log(1e13)};
    {
        FILE *ff = fopen(av[5], "rb");
        if (!ff || fread(FT, 8, 2 * NB, ff) != 2 * NB)
            return 3;
        fclose(ff);
    }
    double t0 = now(CLOCK_MONOTONIC);
#pragma omp parallel reduction(+ : cpu, chk) reduction(max : cmax)
    {
        double c0 = now(CLOCK_THREAD_CPUTIME_ID);
        int id = omp_get_thread_num();
        rng_t r;
        uint64_t s = 1234 + id * 7919;
        for (int l = 0; l < L; l++) {
            r.a[l] = sm(&s);
            r.b[l] = sm(&s);
            r.c[l] = sm(&s);
            r.d[l] = sm(&s);
        }
        double (*U)[C] = aligned_alloc(64, sizeof(double) * D * C),
               (*X)[C] = aligned_alloc(64, sizeof(double) * 16 * C),
               (*FY)[C] = aligned_alloc(64, sizeof(double) * 2 * C);
        memset(X, 0, sizeof(double) * 16 * C);
        double *Y0 = X[11], *Y1 = X[12];
        double ru[D][2] = {{0}};
        int *bi = aligned_alloc(64, sizeof(int) * C);
        uint32_t *h = calloc(2 * NB * 4, 4);
        double g[13][13];
        memset(g, 0, sizeof g);
        double m[13] = {0};
        double *sv = calloc(D * 2 * B, 8);
        long *cn = calloc(D * B, 8);
#pragma omp for schedule(static)
        for (long blk = 0; blk < N / C; blk++) {
            for (int j = 0; j < D; j++)
                fillu(&r, U[j], C);
            if (lev == 0) {
                chk += U[0][3] + U[D - 1][7];
                continue;
            }
            for (int j = 0; j < D; j++) {
                const double *t = tab[j];
                const uint64_t base = (uint64_t)(1022 - OCT) << SB;
                for (int i = 0; i < C; i++) {
                    double u = U[j][i], v = u < 0.5 ? u : 1.0 - u;
                    v = v > 0x1p-40 ? v : 0x1p-40;
                    union {
                        double d;
                        uint64_t b;
                    } w;
                    w.d = v;
                    long k = (long)((w.b >> (52 - SB)) - base);
                    k = k < M - 1 ? k : M - 1;
                    k += u < 0.5 ? 0 : M;
                    X[j][i] = t[2 * k] + v * t[2 * k + 1];
                }
            }
            for (int i = 0; i < C; i++) {
                double tr = X[0][i] * 12 / X[1][i] * X[2][i],
                       in = X[3][i] * X[4][i] * X[5][i] * (1757 / 86400.0) / X[6][i] * X[7][i];
                double sv_ = (tr + in) * X[8][i] * 0.125;
                Y0[i] = sv_;
                Y1[i] = sv_ * 8 * X[9][i] / X[10][i];
            }
            chk += Y0[5];
            if (lev == 1) {
                double a = 0, b = 0;
                for (int i = 0; i < C; i++) {
                    a += Y0[i];
                    b += Y1[i];
                }
                m[11] += a;
                m[12] += b;
                continue;
            }
            for (int k = 0; k < 2; k++) {
                const double *y = X[11 + k];
                double sc = NB / (hi[k] - lo[k]), l0 = lo[k];
                for (int i = 0; i < C; i++) {
                    double v = (log(y[i]) - l0) * sc;
                    v = v < 0 ? 0 : (v > NB - 1 ? NB - 1 : v);
                    bi[i] = (int)v;
                }
                uint32_t *hh = h + k * NB * 4;
                for (int i = 0; i < C; i += 4) {
                    hh[bi[i]]++;
                    hh[NB + bi[i + 1]]++;
                    hh[2 * NB + bi[i + 2]]++;
                    hh[3 * NB + bi[i + 3]]++;
                }
                if (lev >= 5)
                    for (int i = 0; i < C; i++)
                        FY[k][i] = FT[k][bi[i]];
            }
            if (lev == 2)
                continue;
            for (int p = 0; p < 13; p++) {
                const double *xp = X[p];
                for (int q = p; q < 13; q += 4) {
                    const double *a = X[q], *b = X[q + 1], *c = X[q + 2],
                                 *d = X[q + 3 > 15 ? 15 : q + 3];
                    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
                    for (int i = 0; i < C; i++) {
                        s0 += xp[i] * a[i];
                        s1 += xp[i] * b[i];
                        s2 += xp[i] * c[i];
                        s3 += xp[i] * d[i];
                    }
                    g[p][q] += s0;
                    if (q + 1 < 13)
                        g[p][q + 1] += s1;
                    if (q + 2 < 13)
                        g[p][q + 2] += s2;
                    if (q + 3 < 13)
                        g[p][q + 3] += s3;
                }
                double s1 = 0;
                for (int i = 0; i < C; i++)
                    s1 += xp[i];
                m[p] += s1;
            }
            if (lev == 3)
                continue;
            for (int j = 0; j < D; j++) {
                double *a = sv + j * 2 * B;
                long *c = cn + j * B;
                for (int i = 0; i < C; i++) {
                    int k = (int)(U[j][i] * B);
                    c[k]++;
                    a[2 * k] += Y0[i];
                    a[2 * k + 1] += Y1[i];
                }
            }
            if (lev == 4)
                continue;
            for (int j = 0; j < D; j++) {
                double a = 0, b = 0, c = 0, d = 0;
                for (int i = 0; i < C; i++) {
                    double u = U[j][i];
                    a += u * FY[0][i];
                    b += u * FY[1][i];
                    c += u;
                    d += u * u;
                }
                ru[j][0] += a;
                ru[j][1] += b;
                chk += c + d;
            }
        }
        double c1 = now(CLOCK_THREAD_CPUTIME_ID) - c0;
        cpu += c1;
        cmax = c1;
#pragma omp critical
        {
            for (int k = 0; k < 2; k++)
                for (int b = 0; b < NB; b++)
                    for (int q = 0; q < 4; q++)
                        H[k][b] += h[k * NB * 4 + q * NB + b];
            for (int p = 0; p < 13; p++)
                for (int q = p; q < 13; q++)
                    G[p][q] += g[p][q];
            for (int j = 0; j < D; j++) {
                RU[j][0] += ru[j][0];
                RU[j][1] += ru[j][1];
            }
            for (int j = 0; j < D; j++)
                for (int b = 0; b < B; b++) {
                    Cn[j][b] += cn[j * B + b];
                    S[j][0][b] += sv[(j * B + b) * 2];
                    S[j][1][b] += sv[(j * B + b) * 2 + 1];
                }
        }
    }
    double w = now(CLOCK_MONOTONIC) - t0;
    struct rusage ru;
    getrusage(RUSAGE_SELF, &ru);
    printf("RES C T=%d lev=%d N=%.0e wall %.3fs | cpu %.3fs = %.2f ns/scn, slowest thread %.3fs | "
           "peak %ld MiB chk %.3g\n",
           T, lev, (double)N, w, cpu, cpu / N * 1e9, cmax, ru.ru_maxrss / 1024, chk);
    if (ac > 6) {
        double q[7] = {.05, .1, .25, .5, .75, .9, .95};
        for (int k = 0; k < 2; k++) {
            long c = 0, tot = 0;
            for (int b = 0; b < NB; b++)
                tot += H[k][b];
            int a = 0;
            for (int b = 0; b < NB && a < 7; b++) {
                c += H[k][b];
                while (a < 7 && c >= q[a] * tot) {
                    printf("%.5g ", exp(lo[k] + (b + .5) * (hi[k] - lo[k]) / NB));
                    a++;
                }
            }
            puts("");
        }
        double n = N / C * C;
        double mu0 = 0;
        for (int b = 0; b < B; b++)
            mu0 += S[0][0][b];
        printf("mean servers %.6g sd %.6g\n", mu0 / (N / C * C),
               sqrt(G[11][11] / (N / C * C) - mu0 / (N / C * C) * mu0 / (N / C * C)));
        puts("rho/S1 servers:");
        double sr = 0, sr2 = 0, mu = 0, tot = 0;
        for (int b = 0; b < NB; b++) {
            sr += H[0][b] * FT[0][b];
            sr2 += H[0][b] * FT[0][b] * FT[0][b];
        }
        for (int b = 0; b < B; b++)
            mu += S[0][0][b];
        mu /= n;
        double vy = G[11][11] / n - mu * mu;
        for (int j = 0; j < D; j++) {
            double rho =
                       (RU[j][0] / n - .5 * sr / n) / sqrt((1 / 12.) * (sr2 / n - sr * sr / n / n)),
                   v = 0;
            for (int b = 0; b < B; b++) {
                double mb = S[j][0][b] / Cn[j][b] - mu;
                v += Cn[j][b] * mb * mb;
            }
            printf("%.3f/%.3f ", rho, v / n / vy);
        }
        puts("");
        (void)tot;
    }
}
